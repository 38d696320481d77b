import { LineIndex } from '../../core/line-index.ts';
import { whyNotInBlock } from '../../languages/efcore/idempotent-block.ts';
import { byEngine, ENGINE_TITLES } from '../../model/engine-id.ts';
import type { GuardedScript, ReadScript, ScriptPiece, ScriptSplitter, ScriptUnit } from '../guarded-script.ts';

const NAME = String.raw`(?:"(?:[^"]|"")+"|[\w$]+)`;
const TABLE = String.raw`${NAME}(?:\.${NAME})?`;
/** A command of a migration in the block that asks the history first: the mark, NOT, the table, the column, the id, what it does. */
const GUARD = new RegExp(
  String.raw`^DO\s+(\$\w*\$)\s*BEGIN\s+IF\s+(NOT\s+)?EXISTS\s*\(\s*SELECT\s+1\s+FROM\s+(${TABLE})\s+WHERE\s+(${NAME})\s*=\s*'((?:[^']|'')*)'\s*\)\s*THEN\b([\s\S]*)\bEND\s+IF\s*;\s*END\s*\1\s*;?\s*$`,
  'i',
);
/** What makes the history where there is none, its schema first. */
const MAKES_HISTORY =
  /^(?:CREATE\s+(?:TABLE|SCHEMA)\s+IF\s+NOT\s+EXISTS\b|DO\s+\$\w*\$\s*BEGIN\s+IF\s+NOT\s+EXISTS\s*\(\s*SELECT\s+1\s+FROM\s+pg_namespace\b)/i;
const BEGINS = /^(?:START\s+TRANSACTION|BEGIN(?:\s+(?:WORK|TRANSACTION))?)\s*;?\s*$/i;
const ENDS = /^(?:COMMIT|END)(?:\s+(?:WORK|TRANSACTION))?\s*;?\s*$/i;
const SETS = /^(?:SET|RESET)\b/i;
/** The column with the ids in any spelling of a naming convention, in any quotes. */
const ID_COLUMN = /\bMigration_?Id\b/i;

/** Scripts of EF Core for products that no engine reads, by how each asks the history. */
const OTHERS: readonly { readonly product: string; readonly form: RegExp; readonly id: RegExp }[] = [
  {
    product: 'SQL Server',
    form: /^\s*GO\s*$[\s\S]*\[MigrationId\]|\[MigrationId\][\s\S]*^\s*GO\s*$/im,
    id: /IF\s+(?:NOT\s+)?EXISTS\s*\(\s*SELECT\s+\*\s+FROM\s+[^\n]*?\s+WHERE\s+\[MigrationId\]\s*=\s*N?'((?:[^']|'')*)'/gi,
  },
  {
    product: 'MySQL',
    form: /^\s*DELIMITER\b[\s\S]*`MigrationId`/im,
    id: /EXISTS\s*\(\s*SELECT\s+1\s+FROM\s+[^\n]*?\s+WHERE\s+`MigrationId`\s*=\s*'((?:[^']|'')*)'/gi,
  },
  {
    product: 'Oracle Database',
    form: /\bV_COUNT\b[\s\S]*"MigrationId"/i,
    id: /WHERE\s+"MigrationId"\s*=\s*N?'((?:[^']|'')*)'/gi,
  },
];

/**
 * A script of `dotnet ef migrations script --idempotent`, read for the database that it shall be run on; undefined for what
 * is no script of EF Core at all.
 *
 * Source: dotnet/efcore, Migrations/Internal/Migrator.cs (GenerateScript), and the history repositories of the providers;
 * read beside scripts of EF Core 8, 9 and 10 in `test/efcore/idempotent-scripts`.
 */
export function readEfScript(text: string, engine: ScriptSplitter): ReadScript | undefined {
  if (!ID_COLUMN.test(text)) return undefined;
  const other = OTHERS.find(({ form }) => form.test(text));
  if (other !== undefined) {
    const ids = [...new Set([...text.matchAll(other.id)].map(([, id = '']) => unquoted(id, "'")))];
    const what =
      ids.length === 0
        ? `It is a script of EF Core for ${other.product}, and not an idempotent one`
        : `It is an idempotent script of EF Core for ${other.product} with ${counted(ids)}`;
    return {
      refused: `${what}: Lockstep does not connect to ${other.product}, so run it with that product's own client.`,
    };
  }
  const hasBlocks = /^DO\s+\$\w*\$\s*$/im.test(text);
  return byEngine<() => ReadScript>(engine.id, {
    postgresql: () => (hasBlocks ? withMarks(readBlocks(text, engine), text) : { refused: NOT_IDEMPOTENT }),
    sqlite: () => ({
      refused: hasBlocks
        ? `It is an idempotent script of EF Core in blocks that ${ENGINE_TITLES[engine.id]} does not have: name a database of the product that it was made for.`
        : `It is no idempotent script, and EF Core makes none for ${ENGINE_TITLES[engine.id]}, which has no block that asks the history first: apply the migrations by "lockstep apply" or "dotnet ef database update".`,
    }),
  })();
}

const NOT_IDEMPOTENT =
  'It is a script of EF Core, and not an idempotent one: what the history has already would be run once more. Make it by "dotnet ef migrations script --idempotent".';

/** What is wrong with a script whose migrations hold the mark that EF Core ends its blocks with, which makes no sense as it is read. */
function withMarks(read: ReadScript, text: string): ReadScript {
  if ('guarded' in read) return read;
  const line = text
    .split('\n')
    .findIndex((each) => each.includes('$EF$') && !/^\u{feff}?DO \$EF\$\s*$|^END \$EF\$;\s*$/u.test(each));
  return line < 0
    ? read
    : {
        refused: `A migration has $EF$ in its text, which ends the block around it, line ${line + 1}: write that in another way in the migration, and make the script again.`,
      };
}

function readBlocks(text: string, engine: ScriptSplitter): ReadScript {
  const lines = new LineIndex(text);
  const at = (start: number): string => `line ${lines.position(start).line + 1}`;
  const units: ScriptUnit[] = [];
  let open: ScriptPiece[] | undefined;
  const ids: string[] = [];
  let first: { readonly table: string; readonly column: string; readonly isUp: boolean } | undefined;
  const writes = new Set<string>();
  // EF Core writes a byte order mark.
  const statements = engine.split(text, { start: text.startsWith('\u{feff}') ? 1 : 0, end: text.length });
  for (const statement of statements) {
    const { start } = statement.span;
    const plain = statement.text.trim();
    if (BEGINS.test(plain) || ENDS.test(plain)) {
      const isBegin = BEGINS.test(plain);
      if (isBegin !== (open === undefined))
        return { refused: `Its transactions do not come in pairs, ${at(start)}: make the script again.` };
      if (open !== undefined) units.push({ transaction: 'one', pieces: open });
      open = isBegin ? [] : undefined;
      continue;
    }
    let piece: ScriptPiece = { text: statement.text, start };
    const guard = MAKES_HISTORY.test(plain) ? null : GUARD.exec(plain);
    if (guard !== null) {
      const [, , not, table = '', column = '', quotedId = '', body = ''] = guard;
      const id = unquoted(quotedId, "'");
      const isUp = not !== undefined;
      first ??= { table, column, isUp };
      if (first.table !== table || first.column !== column)
        return {
          refused: `It asks two histories, ${first.table} and ${table} (${at(start)}): make a script for each context.`,
        };
      if (first.isUp !== isUp)
        return {
          refused: `It applies and reverts, ${at(start)}: make one script for the way up and one for the way back.`,
        };
      if (ids.at(-1) !== id) {
        if (ids.includes(id))
          return { refused: `The commands of ${id} do not stand together, ${at(start)}: make the script again.` };
        ids.push(id);
      }
      const words = body.trim();
      if (words.startsWith(`${isUp ? 'INSERT INTO' : 'DELETE FROM'} ${table}`)) writes.add(id);
      const why = whyNotRun(words, engine);
      piece = { ...piece, id, ...(why === undefined ? {} : { cannotRun: why }) };
    } else if (!SETS.test(plain) && (first !== undefined || !MAKES_HISTORY.test(plain))) {
      return {
        refused: `A statement asks no history and would run every time, ${at(start)}: take it out, or make it a migration.`,
      };
    }
    if (open === undefined) units.push({ transaction: 'none', pieces: [piece] });
    else open.push(piece);
  }
  if (open !== undefined) return { refused: 'It ends within a transaction: it is cut off.' };
  if (first === undefined) return { refused: NOT_IDEMPOTENT };
  const without = ids.find((id) => !writes.has(id));
  if (without !== undefined)
    return {
      refused: `It ${first.isUp ? 'writes' : 'deletes'} no row of the history for ${without}, so that it would run again: it is cut off, or was edited.`,
    };
  return { guarded: guarded(first, ids, units) };
}

function guarded(
  { table, column, isUp }: { readonly table: string; readonly column: string; readonly isUp: boolean },
  ids: readonly string[],
  units: readonly ScriptUnit[],
): GuardedScript {
  const names = [...table.matchAll(new RegExp(NAME, 'g'))].map(([name]) =>
    name.startsWith('"') ? unquoted(name.slice(1, -1), '"') : name.toLowerCase(),
  );
  const [schema] = names.length > 1 ? names : [];
  return {
    direction: isUp ? 'up' : 'down',
    ids,
    history: { table, column, name: names.at(-1) ?? table, ...(schema === undefined ? {} : { schema }) },
    units,
  };
}

/** Why a block cannot hold what a migration does; undefined where it can. */
function whyNotRun(body: string, engine: ScriptSplitter): string | undefined {
  const statements = engine.split(body, { start: 0, end: body.length });
  for (const { text } of statements) {
    const why = whyNotInBlock(text);
    if (why !== undefined) return why;
  }
  const last = statements.at(-1);
  const rest = last === undefined ? ';' : body.slice(last.span.end).replaceAll(/--[^\n]*|\/\*[\s\S]*?\*\//g, '');
  return !rest.includes(';')
    ? 'no semicolon ends what the migration sends, so that the block goes on in it: end it by one in the migration, and make the script again'
    : undefined;
}

function unquoted(text: string, quote: string): string {
  return text.replaceAll(quote + quote, quote);
}

function counted(ids: readonly string[]): string {
  const [first] = ids;
  return ids.length === 1 ? `the migration ${first}` : `${ids.length} migrations, ${first} to ${ids.at(-1)}`;
}
