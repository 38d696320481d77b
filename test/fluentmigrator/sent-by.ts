import type { Engines } from '../../server/host/load-engines.ts';
import type { EngineId } from '../../server/model/engine-id.ts';
import { fluentFormat } from '../../server/tools/fluentmigrator/fluent-format.ts';

/** What a document sends, statement by statement, and what is said to be not analysed. */
export function sentBy(
  engines: Engines,
  text: string,
  dialect: EngineId = 'postgresql',
  direction: 'up' | 'down' = 'up',
  keys: 'identity' | 'serial' = 'identity',
): readonly string[] {
  const format = fluentFormat('Migrations', keys);
  const engine = engines[dialect];
  const language = format.languageOf?.('x');
  const directives = { directives: [], problems: [] } as unknown as Parameters<typeof format.layout>[3];
  return format
    .layout('Migrations/M.cs', text, dialect, directives)
    .sections.filter((section) => section.direction === direction)
    .flatMap(({ span, turn }) => language?.split(engine, text, span, undefined, turn) ?? [])
    .flatMap((statement) => {
      const { problems } = language?.read(engine, statement) ?? { problems: [] };
      const isCode = statement.text.startsWith('/*');
      return [...(isCode ? [] : [statement.text]), ...problems.map(({ message }) => message)];
    });
}
