import { WHOLE_MIGRATION } from '../../analysis/fix-whole.ts';
import type { Finding, FixProposal } from '../../analysis/report.ts';
import type { FolderProject } from '../folder-project.ts';

/** Why something is not fixed. */
export type NotFixed =
  /** A finding that no remedy is known for; `message` is the finding's. */
  | { readonly code: 'no-remedy'; readonly rule: string; readonly message: string }
  /** The planner's reason, a sentence. */
  | { readonly code: 'refused'; readonly rule: string; readonly reason: string }
  /** The migration cannot be made safe as a whole; its findings may be, one by one. */
  | { readonly code: 'whole-refused'; readonly reason: string }
  /** The connected database has the migration of this id, so that its file stays as it is. */
  | { readonly code: 'applied'; readonly id: string }
  /** A statement that the parser refused, with what it said: what it does is not known. */
  | { readonly code: 'unread'; readonly message: string };

export interface MigrationFixes {
  readonly fixes: readonly FixProposal[];
  readonly notFixed: readonly NotFixed[];
}

/** Each migration of a document as one safe change; where there is none, the first edit that mends more than information. */
export function wholeFixes(
  project: FolderProject,
  path: string,
  now: Date,
  values?: ReadonlyMap<string, string>,
): MigrationFixes {
  const results = project.fixWhole(path, now, undefined, values);
  const fixes = results.flatMap((result) => (result.kind === 'fix' ? [result.proposal] : []));
  const notFixed = results.flatMap((result): NotFixed[] => [
    ...result.left.map(({ code, reason }) => ({ code: 'refused' as const, rule: code, reason })),
    ...(result.kind === 'refused' ? [{ code: 'whole-refused' as const, reason: result.reason }] : []),
  ]);
  notFixed.push(...applied(project, path));
  if (fixes.length > 0) return { fixes, notFixed: [...notFixed, ...unread(project, path)] };
  const edits = project
    .fixes(path, now, ({ severity }) => severity !== 'info')
    .fixes.filter(({ kind }) => kind === 'edit');
  const told = new Set(notFixed.flatMap((why) => ('rule' in why ? [why.rule] : [])));
  return {
    fixes: edits.slice(0, 1),
    notFixed: [...notFixed, ...withoutRemedy(project, path, ({ code }) => !told.has(code)), ...unread(project, path)],
  };
}

/** Errors and warnings of a document that no remedy is known for. */
function withoutRemedy(
  project: FolderProject,
  path: string,
  isWanted: (finding: Finding) => boolean,
): readonly NotFixed[] {
  return project
    .lint(path)
    .findings.filter(
      (finding) =>
        finding.fixes.length === 0 &&
        (finding.severity === 'error' || finding.severity === 'warning') &&
        isWanted(finding),
    )
    .map(({ code, message }) => ({ code: 'no-remedy', rule: code, message }));
}

/** Which findings are to be fixed. */
export interface FindingWish {
  /** 0-based line that they touch; undefined for all. */
  readonly atLine: number | undefined;
  /** Codes of their rules; empty for all. */
  readonly rules: ReadonlySet<string>;
  /** SQL of what old rows get, by `table.column` or `column`. */
  readonly values?: ReadonlyMap<string, string>;
}

/** The first remedy of each finding of a document, and why the others have none. */
export function findingFixes(project: FolderProject, path: string, now: Date, wish: FindingWish): MigrationFixes {
  const { atLine, rules, values } = wish;
  const isAt = ({ range }: Pick<Finding, 'range'>): boolean =>
    atLine === undefined || (atLine >= range.start.line && atLine <= range.end.line);
  const isOfRules = (code: string): boolean => rules.size === 0 || rules.has(code);
  const found = project.fixes(path, now, isAt, values);
  const seen = new Set<string>();
  const fixes = found.fixes.filter(({ code, range }) => {
    const key = `${range.start.line}:${range.start.character}`;
    if (seen.has(key) || !isOfRules(code)) return false;
    seen.add(key);
    return true;
  });
  return {
    fixes,
    notFixed: [
      ...applied(project, path),
      ...withoutRemedy(project, path, (finding) => isAt(finding) && isOfRules(finding.code)),
      ...(rules.size > 0 ? [] : unread(project, path)),
      ...found.skipped
        .filter(({ code }) => isOfRules(code))
        .map(({ code, reason }) => ({ code: 'refused' as const, rule: code, reason })),
    ],
  };
}

/** What tells one remedy from all others of a document, for as long as the document stays as it was. */
export type FixName = Pick<FixProposal, 'code' | 'title' | 'range'>;

/** One remedy of a document; undefined with the reasons where it is not there (any more). */
export function namedFix(
  project: FolderProject,
  path: string,
  now: Date,
  name: FixName,
  values?: ReadonlyMap<string, string>,
): { readonly fix: FixProposal } | { readonly fix: undefined; readonly notFixed: readonly NotFixed[] } {
  if (name.code === WHOLE_MIGRATION) {
    const { fixes, notFixed } = wholeFixes(project, path, now, values);
    const fix = fixes.find(({ code }) => code === WHOLE_MIGRATION);
    return fix === undefined ? { fix, notFixed } : { fix };
  }
  const isNamed = ({ code, range }: Pick<Finding, 'code' | 'range'>): boolean =>
    code === name.code && isSameRange(range, name.range);
  const fix = project
    .fixes(path, now, isNamed, values)
    .fixes.find((candidate) => isNamed(candidate) && candidate.title === name.title);
  return fix === undefined ? { fix, notFixed: [] } : { fix };
}

/** More would be a fix that does not remove what it is for. */
const MOST_SAFE_EDITS = 500;

/**
 * A document's text with every edit that is safe without a look. Edits are worked out one after the other, each on the text
 * that the one before left, so that none is applied to a statement that has changed under it. Fixes that write files are
 * never among them: they want a person.
 */
export function textWithSafeEdits(project: FolderProject, path: string, now: Date): string {
  const original = project.textOf(path) ?? '';
  let text = original;
  try {
    for (let round = 0; round < MOST_SAFE_EDITS; round++) {
      const safe = project.fixes(path, now).fixes.find((fix) => fix.kind === 'edit' && fix.safety === 'safe');
      const next = safe?.files.find((file) => file.path === path)?.text;
      if (next === undefined || next === text) break;
      text = next;
      project.setText(path, text);
    }
  } finally {
    project.setText(path, original);
  }
  return text;
}

export function isSameRange(left: FixName['range'], right: FixName['range']): boolean {
  return (
    left.start.line === right.start.line &&
    left.start.character === right.start.character &&
    left.end.line === right.end.line &&
    left.end.character === right.end.character
  );
}

/** Migrations of a document that the connected database has: nothing is found in them, and nothing is changed. */
function applied({ database, migrations }: FolderProject, path: string): readonly NotFixed[] {
  return migrations.migrations.flatMap(({ id, upPath }) =>
    upPath === path && database?.applied.has(id) === true ? [{ code: 'applied' as const, id }] : [],
  );
}

function unread(project: FolderProject, path: string): readonly NotFixed[] {
  return project
    .lint(path)
    .problems.filter((problem) => problem.kind === 'syntax')
    .map(({ message }) => ({ code: 'unread', message }));
}
