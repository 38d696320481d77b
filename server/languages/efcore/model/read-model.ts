import { readChains } from './call-chains.ts';
import { entityFacts, type EntityFacts } from './entity-facts.ts';
import { tableKey, tablesOf } from './model-tables.ts';
import type { EfModel, EfTable } from './ef-model.ts';

const ENTITY = 'modelBuilder.Entity(';
const BUILDS = /\bvoid\s+Build(?:Target)?Model\s*\(/;

/** Entities by their text: those that did not change stand in every Designer that follows. */
const known = new Map<string, { readonly facts: EntityFacts; readonly hash: string } | undefined>();
/** Entities that are kept: more than a large project's Designers have in all. */
const MOST_KEPT = 50_000;

/**
 * The model that a Designer or a snapshot builds; undefined where it builds none, such as in an empty file or one that was
 * cut off before it.
 */
export function readModel(text: string): EfModel | undefined {
  const builds = BUILDS.exec(text);
  if (builds === null) return undefined;
  const entities: EntityFacts[] = [];
  const hashes: string[] = [];
  let isWhole = true;
  // What is behind the model is no part of its last entity.
  const restored = text.lastIndexOf('#pragma warning restore');
  const end = restored > builds.index ? restored : text.length;
  for (let start = text.indexOf(ENTITY, builds.index); start >= 0; ) {
    const next = text.indexOf(ENTITY, start + ENTITY.length);
    const read = entityOf(text.slice(start, next < 0 ? end : next));
    if (read === undefined) isWhole = false;
    else {
      entities.push(read.facts);
      hashes.push(read.hash);
    }
    start = next;
  }
  const head = text.slice(0, text.indexOf(ENTITY, builds.index) + 1 || text.length);
  const version = /"ProductVersion",\s*"([^"]+)"/.exec(head)?.[1];
  const lastMigrationId = /\bLastMigrationId\s*=>\s*"([^"]+)"/.exec(text.slice(0, 4_000))?.[1];
  let tables: ReadonlyMap<string, EfTable> | undefined;
  const all = (): ReadonlyMap<string, EfTable> => {
    tables ??= tablesOf(entities, isWhole ? undefined : 'part of its Designer cannot be read');
    return tables;
  };
  return {
    ...(version === undefined ? {} : { version }),
    ...(lastMigrationId === undefined ? {} : { lastMigrationId }),
    table: (name, schema) => all().get(tableKey(name, schema)),
    tables: () => [...all().values()],
    enums: enumsIn(head),
    // Generated files hold entities in one order, those that were merged by hand in any.
    fingerprint: hashes.toSorted().join(' '),
  };
}

/** As Npgsql's provider writes them before the entities, by a call or, in older files, as an annotation. */
function enumsIn(head: string): readonly string[] {
  const called = head.matchAll(/\bHasPostgresEnum\(modelBuilder,\s*(?:"([^"]*)",\s*|null,\s*)?"([^"]+)",\s*new\b/g);
  const annotated = head.matchAll(/"Npgsql:Enum:([^"]+)"/g);
  return [
    ...[...called].map(([, schema, name = '']) => (schema === undefined ? name : `${schema}.${name}`)),
    ...[...annotated].map(([, name = '']) => name),
  ];
}

function entityOf(text: string): { readonly facts: EntityFacts; readonly hash: string } | undefined {
  const hash = hashOf(text);
  if (known.has(hash)) return known.get(hash);
  const { chains } = readChains(text);
  const call = chains[0]?.calls[0];
  const name = call?.arguments[0]?.text;
  const block = call?.arguments.find((argument) => argument.block !== undefined)?.block;
  // One that is cut off, or of another shape.
  const read =
    name === undefined || block === undefined
      ? undefined
      : { facts: entityFacts(name, block, chains[0]?.root === 'modelBuilder'), hash };
  if (known.size >= MOST_KEPT) known.clear();
  known.set(hash, read);
  return read;
}

/** 64 bits of a text without white space at its ends, as words; equal for equal texts. */
function hashOf(text: string): string {
  let first = 0xdeadbeef;
  let second = 0x41c6ce57;
  const end = text.trimEnd().length;
  for (let index = 0; index < end; index++) {
    const unit = text.charCodeAt(index);
    if (unit === 13) continue;
    first = Math.imul(first ^ unit, 2654435761);
    second = Math.imul(second ^ unit, 1597334677);
  }
  return `${(first >>> 0).toString(36)}.${(second >>> 0).toString(36)}`;
}
