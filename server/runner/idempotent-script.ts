import { byEngine } from '../model/engine-id.ts';
import type { MigrationFile } from '../model/migration.ts';
import { quoted, type Cells, type CellValue } from '../tools/blocks/history-table.ts';
import type { ScriptedHistory } from '../tools/history.ts';
import { controlOf, piecesOf } from './units.ts';
import type { RunnerProject } from './runner.ts';

type Script = { readonly sql: string } | { readonly refused: string };

/** What a DO block cannot hold, though it may stand in a transaction. */
const NOT_IN_BLOCK =
  /^(?:\s|--[^\n]*\n|\/\*[\s\S]*?\*\/)*(?:COPY\b[\s\S]*\bFROM\s+STDIN|VACUUM|DO\b[\s\S]*\bCOMMIT\b)/i;

/**
 * A script that may run more than once, whatever the database has: each migration stands in a block that asks the history first and
 * writes it with the work, in one transaction. A second script waits for the first.
 */
export function idempotentScript(
  project: RunnerProject,
  direction: 'up' | 'down',
  migrations: readonly MigrationFile[],
): Script {
  const { engine, tool } = project;
  return byEngine<() => Script>(engine.id, {
    postgresql: () => inBlocks(project, direction, migrations),
    sqlite: () => ({
      refused: `${engine.product.title} has no block that asks the history first, so that ${tool.title} gets no idempotent script for it.`,
    }),
  })();
}

function inBlocks(project: RunnerProject, direction: 'up' | 'down', migrations: readonly MigrationFile[]): Script {
  const { history, tool, engine } = project;
  const scripted = history.scripted;
  if (scripted === undefined)
    return {
      refused: `The history of ${tool.title} keeps more than a row for each migration that is applied, so that no script can ask it: apply by "lockstep apply".`,
    };
  const parts = [`${scripted.create(engine.id).join(';\n')};\n`];
  for (const migration of migrations) {
    const { id } = migration;
    const path = direction === 'up' ? migration.upPath : migration.downPath;
    const headers = path === undefined ? undefined : project.headersOf(path);
    const section = headers?.section(migration, direction);
    if (path === undefined || headers === undefined || section === undefined)
      return { refused: `${id} has no ${direction} half: leave it out by --from and --to.` };
    if (section.transaction !== 'one')
      return {
        refused: `${id} runs outside a transaction, which no block of a script can: leave it out by --from and --to.`,
      };
    const pieces = piecesOf(project, path, headers.text, section);
    const outside = pieces.find((piece) => controlOf(piece) !== undefined || NOT_IN_BLOCK.test(piece.text));
    if (outside !== undefined)
      return {
        refused: `${id} has a statement that no block can hold (${firstWords(outside.text)}): leave it out by --from and --to.`,
      };
    parts.push(
      block(
        project,
        scripted,
        direction,
        migration,
        pieces.map(({ text }) => text),
      ),
    );
  }
  return { sql: parts.join('\n') };
}

function block(
  project: RunnerProject,
  scripted: ScriptedHistory,
  direction: 'up' | 'down',
  migration: MigrationFile,
  statements: readonly string[],
): string {
  const where = Object.entries(scripted.where(migration, project))
    .map(([column, value]) =>
      value === null ? `${quoted(column)} IS NULL` : `${quoted(column)} = ${literal(value, project)}`,
    )
    .join(' AND ');
  const row = scripted.row(migration, project, project.engine.id);
  const last =
    direction === 'up'
      ? `INSERT INTO ${scripted.table} (${Object.keys(row).map(quoted).join(', ')})\n      VALUES (${values(row, project).join(', ')})`
      : `DELETE FROM ${scripted.table} WHERE ${where}`;
  const body = [
    'BEGIN',
    `  LOCK TABLE ${scripted.table} IN SHARE ROW EXCLUSIVE MODE;`,
    `  IF ${direction === 'up' ? 'NOT ' : ''}EXISTS (SELECT FROM ${scripted.table} WHERE ${where}) THEN`,
    ...statements.map((text) => `    EXECUTE ${inDollars(text, 'migration')};`),
    `    ${last};`,
    '  END IF;',
    'END',
    '',
  ].join('\n');
  return `-- ${migration.id} (${direction})\nDO ${inDollars(`\n${body}`, 'lockstep')};\n`;
}

/** A text in dollar quotes whose tag it does not hold. */
function inDollars(text: string, word: string): string {
  let tag = `$${word}$`;
  for (let number = 1; text.includes(tag); number++) tag = `$${word}_${number}$`;
  return `${tag}${text}${tag}`;
}

function values(cells: Cells, project: RunnerProject): readonly string[] {
  // When it is applied is known once it runs.
  return Object.values(cells).map((value) => (value instanceof Date ? 'now()' : literal(value, project)));
}

function literal(value: CellValue, project: RunnerProject): string {
  if (value === null) return 'NULL';
  if (typeof value === 'string') return project.engine.quoteText(value);
  if (value instanceof Date) return `'${value.toISOString()}'`;
  if (value instanceof Uint8Array) return `'\\x${Buffer.from(value).toString('hex')}'`;
  if (typeof value !== 'object') return String(value);
  return 'sql' in value ? value.sql : `ARRAY[${value.map((each) => literal(each, project)).join(', ')}]::text[]`;
}

function firstWords(text: string): string {
  return text.trim().replaceAll(/\s+/g, ' ').slice(0, 40);
}
