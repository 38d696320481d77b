import { CompletionItemKind, type CompletionItem, type Position } from 'vscode-languageserver';
import { isOwnTable } from '../application/own-tables.ts';
import { escapePattern } from '../core/escape-pattern.ts';
import { LineIndex } from '../core/line-index.ts';
import { sameName } from '../model/lookup.ts';
import type { Relation, Schema } from '../model/schema.ts';
import { RULES } from '../rules/index.ts';
import type { OwnedDocument } from './workspace.ts';

/** Words after `-- lockstep: `, with what they say. */
const DIRECTIVES: readonly (readonly [word: string, what: string])[] = [
  ['allow', 'a finding is meant: allow CODE because REASON'],
  ['allow-file', 'the same for the whole file'],
  ['change', 'a step of a change: change ID phase expand'],
  ['title', 'what the step does, in quotes'],
  ['requires', 'requires deploy "...", requires backfill, requires parity'],
  ['no-transaction', 'runs outside a transaction'],
];

/**
 * Tables, columns, types and functions as they are where the cursor stands, from the migrations before it; in a
 * `-- lockstep:` line its words and the codes of rules.
 */
export function completion({ project, path }: OwnedDocument, position: Position): CompletionItem[] {
  const text = project.textOf(path) ?? '';
  const offset = new LineIndex(text).offset(position);
  const line = text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset);
  const directive = /^\s*--\s*lockstep:\s*(.*)$/.exec(line)?.[1];
  if (directive !== undefined) return directiveItems(directive);
  if (line.includes('--')) return [];
  const { statements } = project.analysed(path);
  const here = statements.find(({ source }) => offset >= source.span.start && offset <= source.span.end + 1);
  const before = statements.filter(({ source }) => source.span.end <= offset).at(-1);
  const schema = here?.before ?? before?.after ?? project.schema();
  const relations = [...schema.relations.values()].filter(({ name }) => !isOwnTable(project, name));
  const qualifier = /([\p{L}\p{N}_$]+|"[^"]+")\.[\p{L}\p{N}_$]*$/u.exec(line)?.[1]?.replaceAll('"', '');
  const statementText = here === undefined ? line : text.slice(here.source.span.start, here.source.span.end);
  if (qualifier !== undefined) {
    const named = new Set([qualifier, ...aliased(statementText, qualifier)]);
    return relations
      .filter(({ name }) => [...named].some((each) => sameName(schema.product, name, each)))
      .flatMap((relation) => columnItems(relation));
  }
  const used = relations.filter(({ name }) =>
    new RegExp(`(?<![\\w$])${escapePattern(name)}(?![\\w$])`, 'i').test(statementText),
  );
  return [
    ...used.flatMap((relation) => columnItems(relation)),
    ...relations.map((relation) => ({
      label: relation.name,
      kind: CompletionItemKind.Class,
      detail: `${relation.kind}, ${relation.columns.length} columns`,
      sortText: `1${relation.name}`,
    })),
    ...objectItems(schema),
  ];
}

function directiveItems(written: string): CompletionItem[] {
  if (/^allow(?:-file)?\s+\S*$/.test(written))
    return RULES.map((rule) => ({ label: rule.code, kind: CompletionItemKind.Value, detail: rule.title }));
  if (/^change\s+\S+\s+phase\s+\S*$/.test(written))
    return ['expand', 'migrate', 'contract'].map((label) => ({ label, kind: CompletionItemKind.EnumMember }));
  if (/^requires\s+\S*$/.test(written))
    return ['deploy', 'backfill', 'parity'].map((label) => ({ label, kind: CompletionItemKind.EnumMember }));
  return /\s/.test(written)
    ? []
    : DIRECTIVES.map(([label, detail]) => ({ label, kind: CompletionItemKind.Keyword, detail }));
}

/** Words that an alias may stand for: `orders o`, `orders AS o`; those that are no table name none. */
function aliased(statement: string, alias: string): readonly string[] {
  const place = new RegExp(`([\\w$]+)\\s+(?:as\\s+)?${escapePattern(alias)}(?![\\w$])`, 'gi');
  return [...statement.matchAll(place)].flatMap(([, word]) => (word === undefined ? [] : [word]));
}

function columnItems(relation: Relation): CompletionItem[] {
  return relation.columns.map((column) => ({
    label: column.name,
    kind: CompletionItemKind.Field,
    detail: `${column.type?.display ?? 'type not known'}${column.notNull ? ', not null' : ''}, of ${relation.name}`,
    sortText: `0${column.name}`,
  }));
}

function objectItems(schema: Schema): CompletionItem[] {
  return [
    ...[...schema.types.values()].map(({ name }) => ({
      label: name,
      kind: CompletionItemKind.Enum,
      detail: 'type',
      sortText: `2${name}`,
    })),
    ...[...schema.functions.values()].map(({ name }) => ({
      label: name,
      kind: CompletionItemKind.Function,
      detail: 'function',
      sortText: `3${name}`,
    })),
  ];
}
