import type { Span } from '../../core/span.ts';

/** A batch of a script, with how often it runs. */
export interface Batch extends Span {
  readonly times: number;
}

/** EF Core that knows where quotes and comments are. */
const KNOWS_QUOTES_SINCE = 10;

/**
 * Batches of SQL that `migrationBuilder.Sql` is given, between lines that say GO.
 *
 * Source: dotnet/efcore, SqlServerMigrationsSqlGenerator.Generate of SqlOperation.
 */
export function batchesOf(sql: string, version: number): readonly Batch[] {
  const found = version >= KNOWS_QUOTES_SINCE ? byLine(sql) : byPattern(sql);
  return found.filter(({ start, end }) => sql.slice(start, end).trim() !== '');
}

/** Any line that begins with the word ends a batch, wherever it stands. */
function byPattern(sql: string): readonly Batch[] {
  const batches: Batch[] = [];
  let start = 0;
  for (const match of sql.matchAll(/^\s*(?:GO[ \t]+(\d+)|GO)(?:\s+|$)/gim)) {
    batches.push({ start, end: match.index, times: Number(match[1] ?? 1) });
    start = match.index + match[0].length;
  }
  return [...batches, { start, end: sql.length, times: 1 }];
}

function byLine(sql: string): readonly Batch[] {
  const batches: Batch[] = [];
  let start = 0;
  let open: string | undefined;
  for (const line of sql.matchAll(/[^\n]*(?:\n|$)/g)) {
    const text = line[0];
    if (open === undefined) {
      const go = /^\s*GO(?:[ \t]+(\d+))?(?=\s|$)/i.exec(text);
      if (go !== null) {
        batches.push({ start, end: line.index, times: Number(go[1] ?? 1) });
        start = line.index + text.length;
        continue;
      }
    }
    open = stateAfter(text, open);
  }
  return [...batches, { start, end: sql.length, times: 1 }];
}

/** What is open at the end of a line: a quote, a bracket or a comment. */
function stateAfter(line: string, before: string | undefined): string | undefined {
  let open = before;
  for (let index = 0; index < line.length; index++) {
    const letter = line.charAt(index);
    if (open !== undefined) {
      if (open === '*/' ? line.startsWith('*/', index) : letter === open) open = undefined;
      continue;
    }
    if (line.startsWith('--', index)) return undefined;
    if (line.startsWith('/*', index)) open = '*/';
    else if (letter === "'" || letter === '"') open = letter;
    else if (letter === '[') open = ']';
  }
  return open;
}
