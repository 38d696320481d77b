import type { FoldingRange, Location, Position } from 'vscode-languageserver';
import { FoldingRangeKind } from 'vscode-languageserver';
import { LineIndex } from '../core/line-index.ts';
import { fromDocument, inDocument } from '../core/source-map.ts';
import type { AnalysedStatement } from '../analysis/analyse.ts';
import { nameAt, objectNames, type NamedThing } from '../analysis/name-at.ts';
import { relationKeyOf, sameName } from '../model/lookup.ts';
import type { Origin, Schema } from '../model/schema.ts';
import { toRange } from './convert.ts';
import type { LspHost } from './lsp-host.ts';
import type { OwnedDocument } from './workspace.ts';

/** The statement that made what is named at a position, in whichever migration it stands; null where none made it. */
export function definition(owned: OwnedDocument, host: LspHost, position: Position): Location | null {
  const thing = thingAt(owned, position);
  if (thing === undefined || thing.kind === 'type') return null;
  const origin = originOf(thing);
  const migration = owned.project.migrations.migrations.find((each) => each.id === origin.migration);
  if (migration === undefined) return null;
  const { statements, text } = owned.project.analysed(migration.upPath);
  const made = statements.find(
    ({ section, before, after }) => section.direction === 'up' && !isIn(thing, before) && isIn(thing, after),
  );
  if (made === undefined) return null;
  return {
    uri: host.uriOf(`${owned.folder.root}/${migration.upPath}`),
    range: toRange(new LineIndex(text).range(made.source.span)),
  };
}

/** Every place of every migration that names the table, view or index at a position, in the order in which they run. */
export function references(owned: OwnedDocument, host: LspHost, position: Position): Location[] {
  const thing = thingAt(owned, position);
  if (thing === undefined || thing.kind === 'type') return [];
  const key = thing.kind === 'index' ? undefined : thing.key;
  const paths = new Set(
    owned.project.migrations.migrations.flatMap(({ upPath, downPath }) =>
      downPath === undefined ? [upPath] : [upPath, downPath],
    ),
  );
  return [...paths].flatMap((path) => {
    if (owned.project.textOf(path) === undefined) return [];
    const { statements, text } = owned.project.analysed(path);
    const lines = new LineIndex(text);
    return statements.flatMap((statement) =>
      [...objectNames(statement)]
        .filter((name) =>
          key === undefined
            ? thing.kind === 'index' && sameName(statement.before.product, name.name, thing.index.name)
            : relationKeyOf(statement.before, name) === key || relationKeyOf(statement.after, name) === key,
        )
        .map((name) => inDocument(statement.source, name.span))
        // A name may stand in several operations of one statement.
        .filter((span, index, all) => all.findIndex((other) => other.start === span.start) === index)
        .map((span) => ({
          uri: host.uriOf(`${owned.folder.root}/${path}`),
          range: toRange(lines.range(span)),
        })),
    );
  });
}

/** The halves of a document, and each statement of several lines. */
export function foldingRanges({ project, path }: OwnedDocument): FoldingRange[] {
  const { statements, layout, text } = project.analysed(path);
  const lines = new LineIndex(text);
  const sections = layout.sections.filter((section) => section.turn === undefined);
  const halves = sections.length < 2 ? [] : sections.map((section) => section.span);
  return [...halves, ...statements.map((statement) => statement.source.span)].flatMap((span): FoldingRange[] => {
    const { start, end } = lines.range(span);
    // What ends at the beginning of a line ends on the line before it.
    const endLine = end.character === 0 && end.line > start.line ? end.line - 1 : end.line;
    return endLine > start.line ? [{ startLine: start.line, endLine, kind: FoldingRangeKind.Region }] : [];
  });
}

function thingAt({ project, path }: OwnedDocument, position: Position): NamedThing | undefined {
  const offset = new LineIndex(project.textOf(path) ?? '').offset(position);
  const statement = project.statementAt(path, offset)?.statement;
  const at = statement === undefined ? undefined : fromDocument(statement.source, offset);
  return statement === undefined || at === undefined ? undefined : nameAt(statement, at);
}

function originOf(thing: Exclude<NamedThing, { readonly kind: 'type' }>): Origin {
  switch (thing.kind) {
    case 'relation':
      return thing.relation.origin;
    case 'column':
      return thing.column.origin;
    case 'index':
      return thing.index.origin;
  }
}

function isIn(thing: NamedThing, schema: AnalysedStatement['before'] | Schema): boolean {
  switch (thing.kind) {
    case 'type':
      return false;
    case 'relation':
      return schema.relations.has(thing.key);
    case 'column':
      return (
        schema.relations
          .get(thing.key)
          ?.columns.some((column) => sameName(schema.product, column.name, thing.column.name)) === true
      );
    case 'index':
      return [...schema.indexes.values()].some((index) => sameName(schema.product, index.name, thing.index.name));
  }
}
