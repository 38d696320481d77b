import type { NamedEnvironment } from '../../server/protocol/requests.ts';
import type { FoundDatabase } from '../../server/protocol/found-databases.ts';
import type { SavedConnection } from './saved-connections.ts';

/** What a person can pick when asked for a database. */
export type Choice =
  | { readonly kind: 'configured' }
  /** One of the environments of `lockstep.jsonc`; where its database is not known, its URL is asked for. */
  | { readonly kind: 'environment'; readonly named: NamedEnvironment }
  | { readonly kind: 'saved'; readonly connection: SavedConnection }
  | { readonly kind: 'found'; readonly database: FoundDatabase }
  | { readonly kind: 'unset'; readonly variable: string }
  | { readonly kind: 'enter' };

/** A line of the list, without anything of VS Code. */
export interface ChoiceItem {
  readonly label: string;
  readonly description: string;
  readonly detail: string;
  readonly choice: Choice;
}

/** What is known of a folder's databases before one is picked. */
export interface KnownDatabases {
  /** Named by `lockstep.jsonc`. */
  readonly configured: { readonly label: string; readonly environment: string | null } | null;
  readonly environments?: readonly NamedEnvironment[];
  /** Environment variable that `lockstep.jsonc` names and that is not set. */
  readonly unset: string | null;
  /** Newest first. */
  readonly saved: readonly SavedConnection[];
  readonly found: readonly FoundDatabase[];
}

/** The databases to pick from: the configured one, those connected to before, those that files name, and any other. */
export function choicesOf({
  configured,
  environments = [],
  unset,
  saved,
  found,
}: KnownDatabases): readonly ChoiceItem[] {
  const own = saved.filter(({ url, variable, named }) => url !== '' || variable !== undefined || named !== undefined);
  const isSaved = (database: FoundDatabase): boolean =>
    own.some((connection) =>
      database.variable === undefined
        ? connection.url === database.url
        : connection.variable?.file === database.variable.file && connection.variable.name === database.variable.name,
    );
  return [
    ...(configured === null
      ? []
      : [
          item(
            { kind: 'configured' },
            `$(database) ${configured.label}`,
            'Named by lockstep.jsonc',
            configured.environment,
          ),
        ]),
    ...environments
      .filter(({ name }) => !own.some((connection) => connection.named === name))
      .map((named) =>
        item(
          { kind: 'environment', named },
          `${named.environment === 'production' ? '$(flame)' : '$(database)'} ${named.name}${named.label === null ? '' : `: ${named.label}`}`,
          named.unset === null
            ? named.label === null
              ? 'An environment of lockstep.jsonc; its URL is asked for and kept in secret storage'
              : 'An environment of lockstep.jsonc'
            : `An environment of lockstep.jsonc; ${named.unset} is not set, so its URL is asked for`,
          named.environment,
        ),
      ),
    ...own.map((connection) =>
      item(
        { kind: 'saved', connection },
        `$(history) ${nameOf(connection)}`,
        [
          connection.name !== undefined && connection.label !== undefined ? connection.label : 'Connected to before',
          ...(connection.reconnects === true ? ['connects by itself when this folder opens'] : []),
        ].join(', '),
        connection.environment,
      ),
    ),
    // The one that the configuration asks for comes first.
    ...found
      .filter((database) => !isSaved(database))
      .toSorted((left, right) => Number(right.variable?.name === unset) - Number(left.variable?.name === unset))
      .map((database) => item({ kind: 'found', database }, `$(key) ${database.label}`, database.from, null)),
    ...(unset === null
      ? []
      : [
          item(
            { kind: 'unset', variable: unset },
            `$(warning) ${unset} is not set`,
            'lockstep.jsonc names this environment variable for its database',
            null,
          ),
        ]),
    item({ kind: 'enter' }, '$(add) Another Database…', 'PostgreSQL or SQLite, by URL', null),
  ];
}

/** What a person calls a connection, else what the server called it. */
export function nameOf({ name, named, label }: SavedConnection): string {
  return name ?? (named === undefined ? label : `${named}${label === undefined ? '' : `: ${label}`}`) ?? 'A database';
}

/** Whether a window that opens may connect to it by itself: allowed by a person, not left by one, and never production. */
export function connectsByItself(connection: SavedConnection | undefined): connection is SavedConnection {
  return connection?.reconnects === true && connection.isLeft !== true && connection.environment !== 'production';
}

function item(choice: Choice, label: string, detail: string, environment: string | null): ChoiceItem {
  return { label, description: environment ?? '', detail, choice };
}
