import type { FormattingOptions, TextEdit } from 'vscode-languageserver';
import type * as SqlFormatter from 'sql-formatter';
import { LineIndex } from '../core/line-index.ts';
import { fileLimit } from '../analysis/file-limit.ts';
import type { EngineId } from '../model/engine-id.ts';
import { toRange } from './convert.ts';
import type { OwnedDocument } from './workspace.ts';

/** Edits that format a document, or why it is left alone. */
export type FormattingResult = { readonly edits: TextEdit[] } | { readonly refused: string };

/**
 * Formats each statement apart, so that section markers, directives and comments between statements stay as they are.
 *
 * A text that does not parse is refused, and a statement whose words would come out changed is left alone: a formatter may
 * move white space only.
 */
export async function formatDocument(
  { project, path }: OwnedDocument,
  options: FormattingOptions,
): Promise<FormattingResult> {
  // Read when it is first asked for: it lists the words of twenty products, which would hold up every start. And before
  // the document, which may change meanwhile.
  const { format } = await import('sql-formatter');
  const text = project.textOf(path) ?? '';
  if (text.length > fileLimit(project.settings)) return { refused: 'Not formatted: the file is too large to analyse.' };
  const syntax = project.lint(path).problems.find((problem) => problem.kind === 'syntax');
  if (syntax !== undefined) return { refused: `Not formatted: ${syntax.message}` };
  const lines = new LineIndex(text);
  const lineBreak = text.includes('\r\n') ? '\r\n' : '\n';
  const edits: TextEdit[] = [];
  const { statements, language } = project.analysed(path);
  for (const { source } of statements) {
    // What another language makes of its own words is not SQL that anybody wrote.
    if (source.notation !== undefined) continue;
    const formatted = formatStatement(format, source.text, project.engine.id, options)?.replaceAll(/\r?\n/g, lineBreak);
    if (formatted === undefined || formatted === source.text || !hasSameWords(formatted, source.text)) continue;
    const edit = language.edit(source, { span: { start: 0, end: source.text.length }, newText: formatted });
    if (edit !== undefined) edits.push({ range: toRange(lines.range(edit.span)), newText: edit.newText });
  }
  return { edits };
}

/** Longest statement that is formatted: beyond it the formatter holds up everything else for seconds. */
const MOST_FORMATTED_LENGTH = 100_000;

function formatStatement(
  format: (typeof SqlFormatter)['format'],
  text: string,
  dialect: EngineId,
  options: FormattingOptions,
): string | undefined {
  if (text.length > MOST_FORMATTED_LENGTH) return undefined;
  // White space within a quoted text counts, and a formatter that broke it could not be found out below.
  if (/'[^']*\n|"[^"]*\n|\$[A-Za-z_]*\$/.test(text)) return undefined;
  try {
    return format(text, {
      language: dialect,
      keywordCase: 'preserve',
      tabWidth: options.tabSize,
      useTabs: !options.insertSpaces,
    });
  } catch {
    // The formatter knows less SQL than the parser; what it cannot read stays as it is.
    return undefined;
  }
}

function hasSameWords(left: string, right: string): boolean {
  return left.replaceAll(/\s+/g, '') === right.replaceAll(/\s+/g, '');
}
