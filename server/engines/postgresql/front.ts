import type { Engine } from '../engine.ts';
import { quoteName, quoteText } from './keywords.ts';
import { lowerNode } from './lower.ts';
import { createParser } from './parser.ts';
import { POSTGRESQL } from './product.ts';
import type { Frontend } from './source.ts';
import { isSameDefinition } from './same-definition.ts';
import { splitStatements } from './splitter.ts';
import { readStatement } from './statement.ts';
import { refusesTransaction } from './transaction.ts';

/**
 * Stated default of the target where nothing tells the server's version. One below the newest major, whose syntax the parser
 * knows too, so that what is planned for an unknown server needs nothing that only the newest one has.
 */
const DEFAULT_VERSION = 17;
/** What is claimed of locks, rewrites and refusals is shown on these majors (`test/database`). */
const VERSIONS = { oldest: 13, newest: 18 };

/** All of the dialect that needs no schema. */
export type PostgresFront = Omit<
  Engine,
  | 'emptySchema'
  | 'fold'
  | 'resolveCalls'
  | 'quotedTexts'
  | 'effects'
  | 'effectsApart'
  | 'typeFacts'
  | 'typeChange'
  | 'refusal'
  | 'refusedWhole'
  | 'placeholder'
>;

/**
 * Loads PostgreSQL's parser from the bytes of `libpg-query.wasm`.
 *
 * Errors: rejects when the bytes are no such module.
 */
export async function createPostgresFront(wasm: Uint8Array): Promise<PostgresFront> {
  const parser = await createParser(wasm);
  const frontend: Frontend = { parser, lower: lowerNode };
  return {
    id: POSTGRESQL.id,
    product: POSTGRESQL,
    defaultVersion: DEFAULT_VERSION,
    versions: VERSIONS,
    parseVersion,
    formatVersion: (version) => String(version),
    split: splitStatements,
    parse: (statement) => readStatement(frontend, statement),
    refusesTransaction,
    isSameDefinition: (one, other) => isSameDefinition(parser, one, other),
    isSameExpression: (one, other) => isSameDefinition(parser, [`SELECT ${one}`], [`SELECT ${other}`]),
    quoteName,
    quoteText,
  };
}

/** The major version in what `SHOW server_version` or a person says: `17.4 (Debian 17.4-1)` is 17. */
function parseVersion(text: string): number | undefined {
  const match = /^\s*(?:postgres(?:ql)?[ -]*)?v?(\d{1,2})(?:\.\d+){0,2}(?:\s|[a-z]|$)/i.exec(text);
  const major = match?.[1] === undefined ? undefined : Number(match[1]);
  return major === undefined || major < 8 ? undefined : major;
}
