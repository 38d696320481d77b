import type { Node } from '@pgsql/types';
import type { ObjectName } from '../../model/names.ts';
import type { ObjectKind } from '../../model/operation.ts';
import { itemsOf, nodeAs, roleName, stringOf, stringsOf } from './nodes.ts';
import { objectName, type Source } from './source.ts';

interface KindFacts {
  readonly kind: ObjectKind;
  /** Words that name the kind in a statement's head. */
  readonly words: readonly string[];
}

/** Kinds of objects, by the parse tree's name for them. */
const KINDS: Readonly<Record<string, KindFacts>> = {
  OBJECT_ACCESS_METHOD: { kind: 'access-method', words: ['access', 'method'] },
  OBJECT_AGGREGATE: { kind: 'aggregate', words: ['aggregate'] },
  OBJECT_ATTRIBUTE: { kind: 'type', words: ['type'] },
  OBJECT_CAST: { kind: 'cast', words: ['cast'] },
  OBJECT_COLUMN: { kind: 'column', words: ['column'] },
  OBJECT_COLLATION: { kind: 'collation', words: ['collation'] },
  OBJECT_CONVERSION: { kind: 'conversion', words: ['conversion'] },
  OBJECT_DATABASE: { kind: 'database', words: ['database'] },
  OBJECT_DOMAIN: { kind: 'domain', words: ['domain'] },
  OBJECT_DOMCONSTRAINT: { kind: 'constraint', words: ['constraint'] },
  OBJECT_EVENT_TRIGGER: { kind: 'event-trigger', words: ['event', 'trigger'] },
  OBJECT_EXTENSION: { kind: 'extension', words: ['extension'] },
  OBJECT_FDW: { kind: 'foreign-data-wrapper', words: ['foreign', 'data', 'wrapper'] },
  OBJECT_FOREIGN_SERVER: { kind: 'server', words: ['foreign', 'server'] },
  OBJECT_FOREIGN_TABLE: { kind: 'foreign-table', words: ['foreign', 'table'] },
  OBJECT_FUNCTION: { kind: 'function', words: ['function'] },
  OBJECT_INDEX: { kind: 'index', words: ['index', 'concurrently'] },
  OBJECT_LANGUAGE: { kind: 'language', words: ['procedural', 'language'] },
  OBJECT_LARGEOBJECT: { kind: 'large-object', words: ['large', 'object'] },
  OBJECT_MATVIEW: { kind: 'materialized-view', words: ['materialized', 'view'] },
  OBJECT_OPCLASS: { kind: 'operator-class', words: ['operator', 'class'] },
  OBJECT_OPERATOR: { kind: 'operator', words: ['operator'] },
  OBJECT_OPFAMILY: { kind: 'operator-family', words: ['operator', 'family'] },
  OBJECT_PARAMETER_ACL: { kind: 'parameter', words: ['parameter'] },
  OBJECT_POLICY: { kind: 'policy', words: ['policy'] },
  OBJECT_PROCEDURE: { kind: 'procedure', words: ['procedure'] },
  OBJECT_PUBLICATION: { kind: 'publication', words: ['publication'] },
  OBJECT_ROLE: { kind: 'role', words: ['role', 'user', 'group'] },
  OBJECT_ROUTINE: { kind: 'routine', words: ['routine'] },
  OBJECT_RULE: { kind: 'rule', words: ['rule'] },
  OBJECT_SCHEMA: { kind: 'schema', words: ['schema'] },
  OBJECT_SEQUENCE: { kind: 'sequence', words: ['sequence'] },
  OBJECT_SUBSCRIPTION: { kind: 'subscription', words: ['subscription'] },
  OBJECT_STATISTIC_EXT: { kind: 'statistics', words: ['statistics'] },
  OBJECT_TABCONSTRAINT: { kind: 'constraint', words: ['constraint'] },
  OBJECT_TABLE: { kind: 'table', words: ['table'] },
  OBJECT_TABLESPACE: { kind: 'tablespace', words: ['tablespace'] },
  OBJECT_TRANSFORM: { kind: 'transform', words: ['transform'] },
  OBJECT_TRIGGER: { kind: 'trigger', words: ['trigger'] },
  OBJECT_TSCONFIGURATION: { kind: 'text-search', words: ['text', 'search', 'configuration'] },
  OBJECT_TSDICTIONARY: { kind: 'text-search', words: ['text', 'search', 'dictionary'] },
  OBJECT_TSPARSER: { kind: 'text-search', words: ['text', 'search', 'parser'] },
  OBJECT_TSTEMPLATE: { kind: 'text-search', words: ['text', 'search', 'template'] },
  OBJECT_TYPE: { kind: 'type', words: ['type'] },
  OBJECT_USER_MAPPING: { kind: 'user-mapping', words: ['user', 'mapping'] },
  OBJECT_VIEW: { kind: 'view', words: ['view'] },
};

/** The model's word for a kind of object. */
export function objectKindOf(type: string | undefined): ObjectKind {
  return KINDS[type ?? '']?.kind ?? 'other';
}

/** Index behind the words that name the kind, and behind IF EXISTS. */
export function afterKind(source: Source, type: string | undefined, from: number): number {
  return source.skip(source.skip(from, ...(KINDS[type ?? '']?.words ?? [])), 'if', 'exists');
}

/** An object as a statement names it, and the part of it that is meant (a column, constraint, trigger, rule or policy). */
export interface NamedObject {
  readonly object: ObjectName;
  /** The relation or domain that the part belongs to, where `part` is set. */
  readonly part?: string;
  /** Argument types as written, for functions: `(integer, text)`. */
  readonly signature?: string;
  /** Index of the token behind the name. */
  readonly next: number;
}

/** Kinds whose names stand as `relation... part` in one list. */
const PARTS = new Set(['OBJECT_COLUMN', 'OBJECT_TABCONSTRAINT', 'OBJECT_TRIGGER', 'OBJECT_RULE', 'OBJECT_POLICY']);

/** Reads an object of any kind; its text is looked for from the token `from` on. */
export function namedObject(source: Source, type: string | undefined, node: Node, from: number): NamedObject {
  const withArguments = nodeAs(node, 'ObjectWithArgs');
  if (withArguments !== undefined) {
    const found = locate(source, stringsOf(withArguments.objname), from);
    if (!source.isSymbol(found.next, '(')) return found;
    const close = source.closing(found.next);
    const span = source.spanOf(found.next, close + 1);
    return { ...found, signature: source.text.slice(span.start, span.end), next: close + 1 };
  }
  const typeName = nodeAs(node, 'TypeName');
  if (typeName !== undefined) {
    const written = stringsOf(typeName.names);
    const index =
      typeName.location === undefined || typeName.location < 0 ? from : source.indexAt(source.at(typeName.location));
    const parts = written[0] === 'pg_catalog' ? written.slice(1) : written;
    return { object: objectName(parts, source.nameSpan(index)), next: source.nameEnd(index) };
  }
  const role = nodeAs(node, 'RoleSpec');
  if (role !== undefined)
    return locate(
      source,
      [roleName(role)],
      role.location === undefined ? from : source.indexAt(source.at(role.location)),
    );
  const items = itemsOf(node);
  if (type === 'OBJECT_DOMCONSTRAINT') {
    const domain = nodeAs(items[0], 'TypeName');
    return { ...locate(source, stringsOf(domain?.names), from), part: stringOf(items[1]) };
  }
  if (type === 'OBJECT_CAST' || type === 'OBJECT_TRANSFORM') {
    const to = source.findWord(from, source.tokens.length, 'is', 'cascade', 'restrict');
    const span = source.spanOf(from, to);
    return { object: { name: source.text.slice(span.start, span.end), span }, next: to };
  }
  const names = items.map(stringOf);
  if (PARTS.has(type ?? '') && names.length > 1) {
    const found =
      type === 'OBJECT_COLUMN'
        ? locate(source, names, from)
        : locate(source, names.slice(0, -1), source.findWord(from, source.tokens.length, 'on') + 1);
    const object = type === 'OBJECT_COLUMN' ? columnRelation(source, names, found) : found.object;
    return { object, part: names.at(-1) ?? '', next: found.next };
  }
  // An operator class or family is listed behind its access method.
  const parts = type === 'OBJECT_OPCLASS' || type === 'OBJECT_OPFAMILY' ? names.slice(1) : names;
  return locate(source, parts, from);
}

/** The relation of `schema.relation.column`, whose range is that of the name without the column. */
function columnRelation(source: Source, names: readonly string[], found: NamedObject): ObjectName {
  const start = source.indexAt(found.object.span.start);
  return objectName(names.slice(0, -1), source.spanOf(start, Math.max(start + 1, found.next - 2)));
}

/** Finds a dotted name in the tokens from `from` on; the whole statement is its range where the text does not show it. */
export function locate(source: Source, parts: readonly string[], from: number): NamedObject {
  const last = parts.at(-1) ?? '';
  for (let index = Math.max(0, from); index < source.tokens.length; index++) {
    const end = source.nameEnd(index);
    const token = source.tokens[end - 1];
    const isName = token !== undefined && (token.kind === 'word' || token.kind === 'quoted' || token.kind === 'symbol');
    if (
      isName &&
      (token.value === last ||
        (last.startsWith(token.value) && token.kind === 'symbol') ||
        (token.value.startsWith(last) && last.length >= 16))
    ) {
      return { object: objectName(parts, source.spanOf(index, end)), next: end };
    }
    if (end > index + 1) index = end - 1;
  }
  return { object: objectName(parts, source.span), next: source.tokens.length };
}
