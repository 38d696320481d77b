import { whyNotInBlock } from '../../languages/efcore/idempotent-block.ts';
import { readNotation } from '../../languages/efcore/lowered.ts';
import { byEngine } from '../../model/engine-id.ts';
import { spelled } from '../../languages/efcore/sources/history-setting.ts';
import { quoted } from '../blocks/history-table.ts';
import type { ScriptRequest } from '../applier.ts';
import { DEFAULT_TABLE, type HistoryPlace } from './history-place.ts';

type Script = { readonly sql: string } | { readonly refused: string };

/** After rows of InsertData EF Core moves the sequences of generated keys behind them, as its model has them. */
const SEQUENCE_UNKNOWN = 'which sequence EF Core sets after these rows is not worked out';
/** How much of a statement a refusal quotes, in characters. */
const MOST_QUOTED = 60;

/**
 * What `dotnet ef migrations script --idempotent` makes: each statement in a block that asks the history first. `version` is
 * that of EF Core, which the history keeps with each migration, and `place` says where that is.
 */
export function idempotentScript(request: ScriptRequest, version: string, place: HistoryPlace): Script {
  return byEngine<() => Script>(request.dialect, {
    postgresql: () => inBlocks(request, version, placeWords(place)),
    sqlite: () => ({
      refused: 'SQLite has no block that asks the history first, so that EF Core makes no idempotent script for it.',
    }),
  })();
}

/** The history in SQL. */
interface HistoryWords {
  readonly table: string;
  readonly id: string;
  readonly version: string;
  /** What makes it where it is missing, as EF Core does. Source: npgsql/efcore.pg, Migrations/Internal/NpgsqlHistoryRepository.cs. */
  readonly create: string;
}

function placeWords({ table = DEFAULT_TABLE, schema, convention }: HistoryPlace): HistoryWords {
  const id = quoted(spelled('MigrationId', convention));
  const version = quoted(spelled('ProductVersion', convention));
  const name = schema === undefined ? quoted(table) : `${quoted(schema)}.${quoted(table)}`;
  const makesSchema = schema === undefined ? '' : `CREATE SCHEMA IF NOT EXISTS ${quoted(schema)};\n`;
  return {
    table: name,
    id,
    version,
    create: `${makesSchema}CREATE TABLE IF NOT EXISTS ${name} (
    ${id} character varying(150) NOT NULL,
    ${version} character varying(32) NOT NULL,
    CONSTRAINT ${quoted(`PK_${table}`)} PRIMARY KEY (${id})
);
`,
  };
}

function inBlocks({ migrations, direction }: ScriptRequest, version: string, history: HistoryWords): Script {
  const parts = [history.create];
  for (const { id, statements } of migrations) {
    const isOneTransaction = statements.every(({ transaction }) => transaction === 'one');
    let isOpen = false;
    const to = (open: boolean): void => {
      if (open !== isOpen) parts.push(open ? 'START TRANSACTION;\n' : 'COMMIT;\n');
      isOpen = open;
    };
    for (const { source, transaction } of statements) {
      const { text } = source;
      const isSeeded = source.map?.[0]?.kind === 'made' && /^INSERT\b/.test(text);
      const why =
        readNotation(source.notation)?.unknown[0]?.reason ?? (isSeeded ? SEQUENCE_UNKNOWN : whyNotInBlock(text));
      if (why !== undefined) {
        const words = text.replaceAll(/\s+/g, ' ');
        const quoted = words.length > MOST_QUOTED ? `${words.slice(0, MOST_QUOTED)}...` : words;
        return {
          refused: `${id} cannot be in an idempotent script, where each statement stands in a DO block: ${quoted}: ${why}.`,
        };
      }
      to(transaction === 'one');
      parts.push(block(history, id, direction, text));
    }
    to(isOneTransaction);
    parts.push(
      block(
        history,
        id,
        direction,
        direction === 'up'
          ? `INSERT INTO ${history.table} (${history.id}, ${history.version})\n    VALUES (${literal(id)}, ${literal(version)})`
          : `DELETE FROM ${history.table}\n    WHERE ${history.id} = ${literal(id)}`,
      ),
    );
    to(false);
  }
  return { sql: parts.join('\n') };
}

function block(history: HistoryWords, id: string, direction: ScriptRequest['direction'], text: string): string {
  const mark = freeMark(text);
  const asked = `EXISTS(SELECT 1 FROM ${history.table} WHERE ${history.id} = ${literal(id)})`;
  return `DO ${mark}
BEGIN
    IF ${direction === 'up' ? `NOT ${asked}` : asked} THEN
    ${text.replace(/;?\s*$/, '')};
    END IF;
END ${mark};
`;
}

function freeMark(text: string): string {
  let mark = '$EF$';
  for (let number = 2; text.includes(mark); number++) mark = `$EF${number}$`;
  return mark;
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
