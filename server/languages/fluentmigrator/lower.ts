import type { Engine } from '../../engines/engine.ts';
import type { EngineId } from '../../model/engine-id.ts';
import { type CallStatement, notFollowed, statementsOf } from '../efcore/lowered.ts';
import { expressionsOf } from './chain-expressions.ts';
import type { Expression } from './expression.ts';
import type { GeneratorSettings } from './generated.ts';
import { commandsOf } from './generator.ts';
import type { Conditions, FluentMethod } from './migration-class.ts';
import { reverseOf } from './reverse.ts';
import { areRowsKnown } from './rows.ts';

/** The statements of a half, in the order of the run. */
export function lowerHalf(
  { steps }: FluentMethod,
  engine: Engine,
  settings: GeneratorSettings,
): readonly CallStatement[] {
  return steps.flatMap((step) => {
    const runs = whetherRuns(step.conditions, engine.id);
    if (runs === 'no') return [];
    const certainty = runs === 'may' ? 'may' : step.certainty;
    return step.kind === 'other'
      ? notFollowed(step.span, step.reason).statements
      : expressionsOf({ ...step, certainty }).flatMap((expression) => lowered(expression, engine, settings));
  });
}

/** The way back of a migration that is reversed by itself: what takes each expression back, the last one first. */
export function lowerReversed(
  { steps }: FluentMethod,
  engine: Engine,
  settings: GeneratorSettings,
): readonly CallStatement[] {
  return steps.toReversed().flatMap((step) => {
    const runs = whetherRuns(step.conditions, engine.id);
    if (runs === 'no') return [];
    if (step.kind === 'other') return notFollowed(step.span, step.reason).statements;
    const expressions = expressionsOf({ ...step, certainty: runs === 'may' ? 'may' : step.certainty });
    return expressions.toReversed().flatMap((expression) => {
      const back = reverseOf(expression);
      return back === undefined
        ? notFollowed(expression.span, 'FluentMigrator has no way back for this, and throws', expression.made)
            .statements
        : lowered(back, engine, settings);
    });
  });
}

function lowered(expression: Expression, engine: Engine, settings: GeneratorSettings): readonly CallStatement[] {
  const { kind, span, made } = expression;
  if (kind === 'unknown') return notFollowed(span, expression.reason, expression.place).statements;
  if ((kind === 'insert' || kind === 'update' || kind === 'delete-rows') && !areRowsKnown(expression))
    return notFollowed(span, 'which rows these are is only known when the program runs', made).statements;
  const generated = commandsOf(expression, engine.id, settings);
  if ('refused' in generated)
    return notFollowed(span, `FluentMigrator refuses this on ${engine.product.title}: ${generated.refused}`, made)
      .statements;
  return generated.flatMap((command) => statementsOf(command, expression, engine, generated.length === 1, 0));
}

/** Whether a step runs on a database. Source: fluentmigrator/fluentmigrator, IfDatabaseExpressionRoot.cs. */
function whetherRuns(conditions: Conditions, engine: EngineId): 'yes' | 'may' | 'no' {
  const answers = conditions.map((names): 'yes' | 'may' | 'no' => {
    const each = names.map((name): 'yes' | 'may' | 'no' => {
      if (name.kind !== 'text' || name.text.holes.length > 0) return 'may';
      const asked = name.text.text.toLowerCase();
      if (asked === engine) return 'yes';
      // `Postgres` is another name of PostgreSQL in some releases and none in others (8.0 runs nothing for it), and a name
      // with a version is that of one generator: which one this program has is not known.
      return asked.startsWith(engine.replace(/ql$/, '')) ? 'may' : 'no';
    });
    return each.includes('yes') ? 'yes' : each.includes('may') ? 'may' : 'no';
  });
  return answers.includes('no') ? 'no' : answers.includes('may') ? 'may' : 'yes';
}
