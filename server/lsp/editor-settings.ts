import {
  CodeLensRefreshRequest,
  InlayHintRefreshRequest,
  type Connection,
  type InitializeParams,
} from 'vscode-languageserver';

/** What a person switches on and off in the editor itself; everything else stands in `lockstep.jsonc`, for the command line too. */
export interface EditorSettings {
  /** `lockstep.codeLens` */
  readonly codeLens: boolean;
  /** `lockstep.inlayHints` */
  readonly inlayHints: boolean;
  /** `lockstep.diagnosticMode`: whether the migrations that no editor holds are linted too. */
  readonly diagnosticMode: 'workspace' | 'openFilesOnly';
}

export const DEFAULT_EDITOR_SETTINGS: EditorSettings = {
  codeLens: true,
  inlayHints: false,
  diagnosticMode: 'workspace',
};

/** Section of the editor's settings. */
export const SETTINGS_SECTION = 'lockstep';

/** Which notices and requests about annotations a client understands. */
export interface AnnotationClient {
  readonly asksSettings: boolean;
  readonly registersSettings: boolean;
  readonly refreshesLenses: boolean;
  readonly refreshesHints: boolean;
}

/** Reads off the capabilities what a client understands. */
export function annotationClient({ workspace }: InitializeParams['capabilities']): AnnotationClient {
  return {
    asksSettings: workspace?.configuration === true,
    registersSettings: workspace?.didChangeConfiguration?.dynamicRegistration === true,
    refreshesLenses: workspace?.codeLens?.refreshSupport === true,
    refreshesHints: workspace?.inlayHint?.refreshSupport === true,
  };
}

/** The section as a client sends it, members of another kind left at their defaults. */
export function readEditorSettings(section: unknown): EditorSettings {
  const given: Partial<Record<string, unknown>> = typeof section === 'object' && section !== null ? { ...section } : {};
  const flag = (name: 'codeLens' | 'inlayHints'): boolean =>
    typeof given[name] === 'boolean' ? given[name] : DEFAULT_EDITOR_SETTINGS[name];
  const mode = given['diagnosticMode'];
  return {
    codeLens: flag('codeLens'),
    inlayHints: flag('inlayHints'),
    diagnosticMode: mode === 'openFilesOnly' ? mode : DEFAULT_EDITOR_SETTINGS.diagnosticMode,
  };
}

/** Asks the editor to request lenses and hints anew: what they rest on has changed elsewhere than in their document. */
export function refreshAnnotations(connection: Connection, client: AnnotationClient): void {
  // A client that refuses shows old lines until the next edit, which is no reason to stop.
  if (client.refreshesLenses) connection.sendRequest(CodeLensRefreshRequest.type).catch(() => undefined);
  if (client.refreshesHints) connection.sendRequest(InlayHintRefreshRequest.type).catch(() => undefined);
}
