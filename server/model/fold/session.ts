import { sameName } from '../lookup.ts';
import type { Pragma, Query, SetVariable, TransactionControl } from '../operation.ts';
import type { Product } from '../product.ts';
import type { Session } from '../schema.ts';
import type { Draft } from './draft.ts';
import { dropRelations, dropSequences } from './drop-relations.ts';

/** What a session knows before any statement. */
export function newSession(product: Pick<Product, 'searchPath'>): Session {
  return { searchPath: product.searchPath, timeZone: 'unknown', foreignKeys: 'unknown', variables: {} };
}

/** SET and RESET. What SET LOCAL sets is taken to last until the end of the file. */
export function setVariable(draft: Draft, operation: SetVariable): void {
  const { session } = draft;
  if (operation.name === '*') {
    draft.session = { ...newSession(draft.product), foreignKeys: session.foreignKeys };
    return;
  }
  const { [operation.name]: _old, ...others } = session.variables;
  const variables = operation.toDefault ? others : { ...others, [operation.name]: operation.values.join(', ') };
  if (operation.name === 'search_path')
    draft.session = {
      ...session,
      variables,
      searchPath: operation.toDefault ? draft.product.searchPath : schemasOf(operation.values),
    };
  else if (operation.name === 'timezone' || operation.name === 'time zone')
    draft.session = {
      ...session,
      variables,
      timeZone: operation.toDefault ? 'unknown' : (operation.values[0] ?? 'unknown'),
    };
  else draft.session = { ...session, variables };
}

/** Schemas of a search path; the system's own is searched anyway and is no place for new objects. */
function schemasOf(values: readonly string[]): readonly string[] {
  return values.filter((value) => value !== '' && value !== '$user' && value !== 'pg_catalog' && value !== 'pg_temp');
}

const SET_CONFIG = /set_config\s*\(\s*'search_path'\s*,\s*'((?:[^']|'')*)'\s*,/i;

/** `SELECT set_config('search_path', '', false)`, as dumps of a whole database begin. */
export function readSetConfig(draft: Draft, query: Query): void {
  if (!query.functions.some((called) => called.name === 'set_config')) return;
  const value = SET_CONFIG.exec(query.text)?.[1];
  if (value === undefined) return;
  const names = value
    .split(',')
    .map((part) => part.trim())
    .map((part) => (part.startsWith('"') ? part.slice(1, -1).replaceAll('""', '"') : part.toLowerCase()));
  draft.session = { ...draft.session, searchPath: schemasOf(names) };
}

/** PRAGMA foreign_keys; others are kept as variables. */
export function setPragma(draft: Draft, operation: Pragma): void {
  if (operation.value === undefined) return;
  const name = operation.name.toLowerCase();
  if (name === 'foreign_keys')
    draft.session = { ...draft.session, foreignKeys: /^(1|on|true|yes)$/i.test(operation.value) };
  else draft.session = { ...draft.session, variables: { ...draft.session.variables, [name]: operation.value } };
}

/** BEGIN, COMMIT, ROLLBACK and savepoints: a rollback gives back the schema that was, its session included. */
export function controlTransaction(draft: Draft, operation: TransactionControl): void {
  const { fileIndex } = draft.origin;
  const open = draft.transactions;
  switch (operation.action) {
    case 'begin':
      if (open.length === 0) draft.transactions = [{ schema: draft.base, fileIndex }];
      return;
    case 'commit':
    case 'prepare':
    case 'commit-prepared':
      if (open.length > 0)
        dropRelations(
          draft,
          draft.links.temporaryKeys.filter((key) => draft.relations.get(key)?.goesAtCommit === true),
          true,
        );
      draft.transactions = [];
      return;
    case 'rollback':
    case 'rollback-prepared': {
      const start = open.find((transaction) => transaction.savepoint === undefined);
      if (start !== undefined) draft.restore(start.schema);
      draft.transactions = [];
      return;
    }
    case 'savepoint':
      if (operation.savepoint !== undefined)
        draft.transactions = [...open, { savepoint: operation.savepoint, schema: draft.base, fileIndex }];
      return;
    case 'release': {
      const place = placeOf(draft, operation.savepoint);
      if (place < 0) return draft.refuse(`There is no savepoint "${operation.savepoint ?? ''}" here.`);
      draft.transactions = open.slice(0, place);
      return;
    }
    case 'rollback-to': {
      const place = placeOf(draft, operation.savepoint);
      const point = open[place];
      if (point === undefined) return draft.refuse(`There is no savepoint "${operation.savepoint ?? ''}" here.`);
      draft.restore(point.schema);
      draft.transactions = open.slice(0, place + 1);
    }
  }
}

/** Where the last savepoint of a name is among the open transactions; below 0 where there is none. */
function placeOf({ transactions, product }: Draft, name: string | undefined): number {
  return name === undefined
    ? -1
    : transactions.findLastIndex(({ savepoint }) => savepoint !== undefined && sameName(product, savepoint, name));
}

/** Forgets what does not outlive a file: open transactions, and temporary tables and sequences. */
export function startFile(draft: Draft): void {
  const { fileIndex } = draft.origin;
  if (draft.transactions.some((transaction) => transaction.fileIndex !== fileIndex))
    draft.transactions = draft.transactions.filter((transaction) => transaction.fileIndex === fileIndex);
  const gone = draft.links.temporaryKeys.filter(
    (key) => (draft.relations.get(key) ?? draft.sequences.get(key))?.origin.fileIndex !== fileIndex,
  );
  if (gone.length === 0) return;
  dropRelations(
    draft,
    gone.filter((key) => draft.relations.has(key)),
    true,
  );
  dropSequences(
    draft,
    gone.filter((key) => draft.sequences.has(key)),
    true,
  );
}
