/** Longest list of migrations that a dialog shows whole. */
const MOST_LISTED = 15;

/** Migrations that a title names before it counts the rest: a title has one line. */
const MOST_IN_TITLE = 3;

/** What a person is asked before migrations run, without anything of VS Code. */
export interface Confirmation {
  /** A revert always shows what it takes back. */
  readonly revert: { readonly question: string; readonly detail: string; readonly button: string } | null;
  /** On production a person types the database's name. */
  readonly production: { readonly title: string; readonly prompt: string; readonly name: string } | null;
}

/** The questions before a run: none for applying where the database is not called production. */
export function confirmationOf(
  direction: 'up' | 'down',
  ids: readonly string[],
  database: { readonly label: string; readonly environment: string | null } | null,
): Confirmation {
  const label = database?.label ?? 'the database';
  const noun = ids.length === 1 ? 'migration' : 'migrations';
  return {
    revert:
      direction === 'up'
        ? null
        : {
            question: `Revert ${ids.length} ${noun} on ${label}?`,
            detail: `In this order:\n${listed(ids, MOST_LISTED).join('\n')}\n\nData that a down half drops is gone.`,
            button: `Revert ${ids.length} ${noun.replace(/^m/, 'M')}`,
          },
    production:
      database?.environment !== 'production'
        ? null
        : {
            title: `${direction === 'up' ? 'Apply' : 'Revert'} ${ids.length} ${noun} on PRODUCTION: ${listed(ids, MOST_IN_TITLE).join(', ')}`,
            prompt: `Type ${nameIn(label)} to go on`,
            name: nameIn(label),
          },
  };
}

/** What is wrong with the name as typed so far; undefined while nothing is typed, and where it is right. */
export function wrongName(production: NonNullable<Confirmation['production']>, typed: string): string | undefined {
  return typed === '' || typed === production.name ? undefined : `This is not ${production.name}`;
}

/** The last part of a database's label, which is never empty: an empty input box must not confirm. */
function nameIn(label: string): string {
  return label.split(/[\\/]/).findLast((part) => part !== '') ?? label;
}

function listed(ids: readonly string[], most: number): readonly string[] {
  return ids.length <= most ? ids : [...ids.slice(0, most), `and ${ids.length - most} more`];
}
