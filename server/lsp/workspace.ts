import { keepFacts } from '../application/use-cases/keep-facts.ts';
import type { OpenedProjects } from '../application/open-project.ts';
import type { FolderProject } from '../application/folder-project.ts';
import { unreadSentence } from '../tools/find-unread.ts';
import type { LspHost } from './lsp-host.ts';

/** One workspace folder with the migration folders found in it. */
export interface OpenFolder extends OpenedProjects {
  /** As the editor names it. */
  readonly uri: string;
  /** Absolute, with `/`. */
  readonly root: string;
}

/** A document of a project. */
export interface OwnedDocument {
  readonly folder: OpenFolder;
  readonly project: FolderProject;
  /** Relative to the folder's root, with `/`. */
  readonly path: string;
}

/** The workspace's folders, and the texts that the editor holds in place of the files'. */
export class Workspace {
  readonly #host: LspHost;
  readonly #folders = new Map<string, OpenFolder>();
  readonly #texts = new Map<string, string>();
  /** The URI that was asked about last, and its path: a keystroke asks about one several times. */
  #asked = { uri: '', path: '' };

  constructor(host: LspHost) {
    this.#host = host;
  }

  get folders(): readonly OpenFolder[] {
    return [...this.#folders.values()];
  }

  folder(uri: string): OpenFolder | undefined {
    return this.#folders.get(uri);
  }

  /** What is said of migrations in a workspace folder that are not read. */
  unread(uri: string): readonly string[] {
    return (this.#folders.get(uri)?.unread ?? []).map(unreadSentence);
  }

  /** Finds the migration folders of a workspace folder; `keeps` those that are open and found again, as they are. */
  async open(uri: string, keeps: boolean): Promise<OpenFolder> {
    const root = this.#host.pathOf(uri).replace(/\/$/, '');
    const before = this.#folders.get(uri);
    const opened = await this.#host.openProjects(root, keeps ? before : undefined);
    const folder: OpenFolder = { uri, root, ...opened };
    if (before !== undefined) keepFacts(before.projects, folder.projects);
    this.#folders.set(uri, folder);
    for (const [documentUri, text] of this.#texts) this.setText(documentUri, text);
    return folder;
  }

  close(uri: string): void {
    this.#folders.delete(uri);
  }

  /** The project that a document belongs to; undefined for files that are no migrations of a known tool. */
  owner(uri: string): OwnedDocument | undefined {
    if (!uri.startsWith('file:')) return undefined;
    const absolute = this.#pathOf(uri);
    for (const folder of this.#innermostFirst()) {
      if (!absolute.startsWith(`${folder.root}/`)) continue;
      const path = absolute.slice(folder.root.length + 1);
      const project = folder.projects.find((candidate) => candidate.owns(path));
      if (project !== undefined) return { folder, project, path };
    }
    return undefined;
  }

  /** The workspace folder that a file lies in. */
  folderAround(uri: string): OpenFolder | undefined {
    if (!uri.startsWith('file:')) return undefined;
    const absolute = this.#pathOf(uri);
    return this.#innermostFirst().find((folder) => absolute.startsWith(`${folder.root}/`));
  }

  setText(uri: string, text: string | undefined): void {
    if (text === undefined) this.#texts.delete(uri);
    else this.#texts.set(uri, text);
    const owned = this.owner(uri);
    owned?.project.setText(owned.path, text);
  }

  /** URIs of the documents that the editor holds. */
  get openUris(): readonly string[] {
    return [...this.#texts.keys()];
  }

  /** What the editor holds of an open document. */
  textOf(uri: string): string | undefined {
    return this.#texts.get(uri);
  }

  #pathOf(uri: string): string {
    if (this.#asked.uri !== uri) this.#asked = { uri, path: this.#host.pathOf(uri) };
    return this.#asked.path;
  }

  /** A workspace folder may lie within another. */
  #innermostFirst(): readonly OpenFolder[] {
    return this.folders.toSorted((left, right) => right.root.length - left.root.length);
  }
}
