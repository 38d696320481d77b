import type { FoldingRange, Location, Position } from 'vscode-languageserver';
import { FoldingRangeKind } from 'vscode-languageserver';
import { LineIndex } from '../core/line-index.ts';
import { inDocument } from '../core/source-map.ts';
import { toRange } from './convert.ts';
import type { LspHost } from './lsp-host.ts';
import { namedObject, type NamedObject } from './named-object.ts';
import type { OwnedDocument } from './workspace.ts';

/** The statement that made what is named at a position, in whichever migration it stands; null where none made it. */
export function definition(owned: OwnedDocument, host: LspHost, position: Position): Location | null {
  const object = objectAt(owned, position);
  const migration = owned.project.migrations.migrations.find((each) => each.id === object?.origin?.migration);
  if (object === undefined || migration === undefined) return null;
  const { statements, text } = owned.project.analysed(migration.upPath);
  const made = statements.find(
    ({ section, before, after }) => section.direction === 'up' && !object.isIn(before) && object.isIn(after),
  );
  if (made === undefined) return null;
  return {
    uri: host.uriOf(`${owned.folder.root}/${migration.upPath}`),
    range: toRange(new LineIndex(text).range(made.source.span)),
  };
}

/** Every place of every migration that names the object at a position, in the order in which they run. */
export function references(owned: OwnedDocument, host: LspHost, position: Position): Location[] {
  const object = objectAt(owned, position);
  if (object === undefined) return [];
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
      object
        .placesIn(statement)
        .map((span) => inDocument(statement.source, span))
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
  const halves =
    sections.length < 2 ? [] : sections.map(({ span }) => ({ ...span, start: markerBefore(text, span.start) }));
  return [...halves, ...statements.map((statement) => statement.source.span)].flatMap((span): FoldingRange[] => {
    const { start, end } = lines.range(span);
    // What ends at the beginning of a line ends on the line before it.
    const endLine = end.character === 0 && end.line > start.line ? end.line - 1 : end.line;
    return endLine > start.line ? [{ startLine: start.line, endLine, kind: FoldingRangeKind.Region }] : [];
  });
}

/** Where the comment line begins that a half stands right behind, which is its marker; else where the half does. */
function markerBefore(text: string, start: number): number {
  const line = text.lastIndexOf('\n', start - 2) + 1;
  return start > 0 && text[start - 1] === '\n' && text.slice(line, start).trimStart().startsWith('--') ? line : start;
}

function objectAt({ project, path }: OwnedDocument, position: Position): NamedObject | undefined {
  const offset = new LineIndex(project.textOf(path) ?? '').offset(position);
  const statement = project.statementAt(path, offset)?.statement;
  return statement === undefined ? undefined : namedObject(statement, offset);
}
