import type { EngineId } from '../../model/engine-id.ts';
import { byEngine } from '../../model/engine-id.ts';
import type { Expression } from './expression.ts';
import type { Generated, GeneratorSettings } from './generated.ts';
import { postgresCommands } from './postgresql.ts';
import { sqliteCommands } from './sqlite.ts';

/** The commands of an expression on a database. */
export function commandsOf(expression: Expression, engine: EngineId, settings: GeneratorSettings): Generated {
  return byEngine<(given: Expression) => Generated>(engine, {
    postgresql: (given) => postgresCommands(given, settings),
    sqlite: sqliteCommands,
  })(expression);
}
