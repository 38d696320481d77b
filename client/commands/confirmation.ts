import { databaseName, type RunCheck, type RunConcern } from '../../server/protocol/requests.ts';
import { stopWords } from './stop-words.ts';

/** Longest list of migrations that a dialog shows whole. */
const MOST_LISTED = 15;

/** Migrations that a title names before it counts the rest: a title has one line. */
const MOST_IN_TITLE = 3;

/** Findings that a dialog names before it counts the rest. */
const MOST_FINDINGS = 6;

type Check = Pick<RunCheck, 'id' | 'errors' | 'warnings' | 'locks' | 'losses'>;

/** What a person is asked before migrations run, without anything of VS Code. */
export interface Confirmation {
  /** A revert always shows what it takes back. */
  readonly revert: { readonly question: string; readonly detail: string; readonly button: string } | null;
  /** Errors that lint finds in what would be applied. */
  readonly findings: { readonly question: string; readonly detail: string; readonly button: string } | null;
  /** On production a person sees what each migration locks and what is found in it, then types the database's name. */
  readonly production: {
    readonly question: string;
    readonly detail: string;
    readonly title: string;
    readonly prompt: string;
    readonly name: string;
  } | null;
}

/** The questions before a run: none for applying what has no error where the database is not called production. */
export function confirmationOf(
  direction: 'up' | 'down',
  ids: readonly string[],
  database: { readonly label: string; readonly environment: string | null } | null,
  checks: readonly Check[] = [],
  notes: readonly string[] = [],
): Confirmation {
  const label = database?.label ?? 'the database';
  const noun = ids.length === 1 ? 'migration' : 'migrations';
  return {
    revert:
      direction === 'up'
        ? null
        : {
            question: `Revert ${ids.length} ${noun} on ${label}?`,
            detail: `In this order:\n${withLosses(listed(ids, MOST_LISTED), checks).join('\n')}\n\nWhat a down half destroys is gone.`,
            button: `Revert ${ids.length} ${noun.replace(/^m/, 'M')}`,
          },
    findings: direction === 'down' ? null : findingsOf(checks, label),
    production:
      database?.environment !== 'production'
        ? null
        : {
            question: `${direction === 'up' ? 'Apply' : 'Revert'} ${ids.length} ${noun} on PRODUCTION (${label})?`,
            detail: ids
              .slice(0, MOST_LISTED)
              .map((id) =>
                checkWords(
                  id,
                  checks.find((check) => check.id === id),
                ),
              )
              .concat(ids.length > MOST_LISTED ? [`and ${ids.length - MOST_LISTED} more`] : [])
              .concat(listed(notes, MOST_FINDINGS).map((note) => `⚠ ${note}`))
              .join('\n\n'),
            title: `${direction === 'up' ? 'Apply' : 'Revert'} ${ids.length} ${noun} on PRODUCTION: ${listed(ids, MOST_IN_TITLE).join(', ')}`,
            prompt: `Type ${databaseName(label)} to go on`,
            name: databaseName(label),
          },
  };
}

const CONCERNS: Readonly<Record<RunConcern, string>> = {
  drifted: 'an edited migration',
  missing: 'a missing migration',
  problems: 'a problem of the folder',
};

/** The question whether a run goes on although something stands against it. */
export function concernQuestion(
  direction: 'up' | 'down',
  concern: RunConcern,
  message: string,
): { readonly question: string; readonly detail: string; readonly button: string } {
  const verb = direction === 'up' ? 'Apply' : 'Revert';
  return {
    question: `${verb} despite ${CONCERNS[concern]}?`,
    detail: stopWords(message),
    button: `${verb} Anyway`,
  };
}

/** The two ways on from a statement that no transaction can take back and whose end nobody saw. */
export const INTERRUPTED = { again: 'Send It Again', done: 'It Is Done' } as const;

function findingsOf(checks: readonly Check[], label: string): Confirmation['findings'] {
  const found = checks.flatMap((check) => check.errors.map((error) => `${check.id}: ${error.message}`));
  if (found.length === 0) return null;
  const count = found.length === 1 ? '1 error' : `${found.length} errors`;
  return {
    question: `Apply with ${count} on ${label}?`,
    // The same may be so at several places of one migration.
    detail: listed([...new Set(found)], MOST_FINDINGS).join('\n\n'),
    button: 'Apply Anyway',
  };
}

/** Each migration with what its way back destroys below it, as far as that is known. */
function withLosses(ids: readonly string[], checks: readonly Check[]): readonly string[] {
  return ids.flatMap((id) => [
    id,
    ...listed(checks.find((check) => check.id === id)?.losses ?? [], MOST_FINDINGS).map((loss) => `  ✗ ${loss}`),
  ]);
}

/** A migration with what it locks and what is found in it, in the words of the editor. */
function checkWords(id: string, check: Check | undefined): string {
  if (check === undefined) return `${id}: its file is not read`;
  const locks =
    check.locks.length === 0 ? ['keeps nobody waiting, as far as is known'] : listed(check.locks, MOST_FINDINGS);
  const warnings = check.warnings === 0 ? [] : [check.warnings === 1 ? '1 warning' : `${check.warnings} warnings`];
  return [id, ...locks, ...new Set(check.errors.map((error) => `Error: ${error.message}`)), ...warnings].join('\n  ');
}

/** What is wrong with the name as typed so far; undefined while nothing is typed, and where it is right. */
export function wrongName(production: { readonly name: string }, typed: string): string | undefined {
  return typed === '' || typed === production.name ? undefined : `This is not ${production.name}`;
}

function listed(ids: readonly string[], most: number): readonly string[] {
  return ids.length <= most ? ids : [...ids.slice(0, most), `and ${ids.length - most} more`];
}
