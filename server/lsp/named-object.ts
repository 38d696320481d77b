import { fromDocument } from '../core/source-map.ts';
import { spanTouches, type Span } from '../core/span.ts';
import type { AnalysedStatement } from '../analysis/analyse.ts';
import { allNames, nameAt } from '../analysis/name-at.ts';
import { findFunction, findIndex, findType, relationKeyOf, sameName } from '../model/lookup.ts';
import type { Origin, Schema } from '../model/schema.ts';

/** A table, column, index, type or function that a name in a statement stands for, followed through the migrations. */
export interface NamedObject {
  /** Of what made it; undefined where that is not known. */
  readonly origin: Origin | undefined;
  isIn(schema: Schema): boolean;
  /** Places in a statement that name it, relative to its start. */
  placesIn(statement: AnalysedStatement): readonly Span[];
}

/** What is named at an offset of the document, which lies in the statement; undefined where it is nothing of the schema. */
export function namedObject(statement: AnalysedStatement, offset: number): NamedObject | undefined {
  const at = fromDocument(statement.source, offset);
  if (at === undefined) return undefined;
  const thing = nameAt(statement, at);
  switch (thing?.kind) {
    case 'relation':
      return {
        origin: thing.relation.origin,
        isIn: (schema) => schema.relations.has(thing.key),
        placesIn: (other) => placesOfRelation(other, thing.key),
      };
    case 'column':
      return {
        origin: thing.column.origin,
        isIn: (schema) =>
          schema.relations
            .get(thing.key)
            ?.columns.some((column) => sameName(schema.product, column.name, thing.column.name)) === true,
        placesIn: (other) => placesOfColumn(other, thing.key, thing.column.name),
      };
    case 'index':
      return {
        origin: thing.index.origin,
        isIn: (schema) =>
          [...schema.indexes.values()].some((index) => sameName(schema.product, index.name, thing.index.name)),
        placesIn: (other) =>
          [...allNames(other)]
            .filter((name) => !('display' in name) && findsIndex(other, name, thing.index.name))
            .map((name) => name.span),
      };
    case 'type':
    case undefined:
      return typeOrFunctionAt(statement, at);
  }
}

/** A user's type, or a function, that is named; a built-in one is nothing that a migration made. */
function typeOrFunctionAt(statement: AnalysedStatement, at: number): NamedObject | undefined {
  for (const name of allNames(statement)) {
    if (!spanTouches(name.span, at)) continue;
    for (const schema of [statement.before, statement.after]) {
      const type = findType(schema, name);
      if (type !== undefined) return followed(schema, findType, name, type.origin);
      const made = findFunction(schema, name);
      if (made !== undefined) return followed(schema, findFunction, name, made.overloads[0]?.origin);
    }
  }
  return undefined;
}

type Name = Parameters<typeof findType>[1];
type Find = (schema: Schema, name: Name) => { readonly schema: string; readonly name: string } | undefined;

function followed(schema: Schema, find: Find, name: Name, origin: Origin | undefined): NamedObject {
  const own = find(schema, name);
  const isOwn = (found: ReturnType<Find>): boolean => found?.schema === own?.schema && found?.name === own?.name;
  return {
    origin,
    isIn: (other) => own !== undefined && isOwn(find(other, own)),
    placesIn: (other) =>
      [...allNames(other)]
        .filter((each) => isOwn(find(other.before, each)) || isOwn(find(other.after, each)))
        .map((each) => each.span),
  };
}

function findsIndex({ before, after }: AnalysedStatement, name: Name, index: string): boolean {
  return (
    sameName(before.product, name.name, index) &&
    (findIndex(before, name) !== undefined || findIndex(after, name) !== undefined)
  );
}

function placesOfRelation(statement: AnalysedStatement, key: string): readonly Span[] {
  const { before, after } = statement;
  return [...allNames(statement)]
    .filter((name) => !('display' in name))
    .filter((name) => relationKeyOf(before, name) === key || relationKeyOf(after, name) === key)
    .map((name) => name.span);
}

/** Words of a statement, past its texts and comments, with a qualifier before them. */
const WORDS =
  /'(?:[^']|'')*'|\$(\w*)\$[^]*?\$\1\$|--[^\n]*|\/\*[^]*?\*\/|(?:("[^"]+"|[\p{L}_][\p{L}\p{N}_$]*)\s*\.\s*)?("(?:[^"]|"")+"|[\p{L}_][\p{L}\p{N}_$]*)/gu;

/**
 * Words that are a column's name in a statement about its table. Where another table of the statement stands before the
 * word, it is that one's; a bare word may be.
 */
function placesOfColumn(statement: AnalysedStatement, key: string, column: string): readonly Span[] {
  const { before, source } = statement;
  if (placesOfRelation(statement, key).length === 0) return [];
  const bare = (word: string): string => word.replaceAll(/^"|"$/g, '').replaceAll('""', '"');
  return [...source.text.matchAll(WORDS)].flatMap((match): readonly Span[] => {
    const [whole, , qualifier, word] = match;
    if (word === undefined || !sameName(before.product, bare(word), column)) return [];
    if (qualifier !== undefined) {
      const named = relationKeyOf(before, { name: bare(qualifier) });
      if (named !== key && before.relations.has(named)) return [];
    }
    const end = match.index + whole.length;
    return [{ start: end - word.length, end }];
  });
}
