import type { Span } from '../../core/span.ts';
import { sliceMapped } from '../../core/source-map.ts';
import type { Engine, StatementText } from '../../engines/engine.ts';
import { byEngine, type EngineId } from '../../model/engine-id.ts';
import type { Call } from '../csharp/call.ts';
import type { MigrationMethod } from './migration-class.ts';
import type { Command } from '../csharp/command.ts';
import type { KnownModel } from './model/ef-model.ts';
import { efSqliteProvider } from './sqlite.ts';
import { npgsqlProvider } from './npgsql.ts';
import { isOperation } from './parameters.ts';
import type { Provider } from './provider.ts';

/** A statement that a call becomes. */
export interface CallStatement extends StatementText {
  /** The call that it comes from, and whether nothing else does. */
  readonly call: { readonly span: Span; readonly isOnly: boolean };
  /** Turn in which it runs: 0 for what runs where it is written. */
  readonly turn: number;
}

/** One step of a method with what it sends. */
export interface LoweredStep {
  readonly span: Span;
  readonly statements: readonly CallStatement[];
  /** Whether EF Core runs it outside the migration's transaction, having committed what came before. */
  readonly isBare: boolean;
  readonly turn: number;
}

export function providerOf(engine: Engine): Provider {
  return byEngine<() => Provider>(engine.id, {
    postgresql: () => npgsqlProvider((name) => engine.quoteName(name)),
    sqlite: () => efSqliteProvider,
  })();
}

/** The steps of `Up` or `Down` in the order in which they run. `model` is the one that the method ends in. */
export function lowerMethod(method: MigrationMethod, engine: Engine, model: KnownModel): readonly LoweredStep[] {
  const provider = providerOf(engine);
  const calls = callsOf(method);
  const steps = method.steps.flatMap((step): readonly LoweredStep[] => {
    if (step.kind === 'other') return [notFollowed(step.span, step.reason)];
    if (!isOperation(step.method))
      return [notFollowed(step.span, `${step.method} is no operation of EF Core: what it does is not known`)];
    const commands = provider.lower(step, calls, model);
    return commands.map((command) => ({
      span: step.span,
      isBare: command.isBare,
      turn: 0,
      statements: statementsOf(command, step, engine, commands.length === 1, 0),
    }));
  });
  const late = (provider.after?.(calls, model) ?? []).flatMap(({ turn, command }): readonly LoweredStep[] => [
    {
      span: command.span,
      isBare: command.isBare,
      turn,
      statements: statementsOf(
        command,
        { certainty: command.isMaybe ? 'may' : 'certain', span: command.span },
        engine,
        false,
        turn,
      ),
    },
  ]);
  return [...steps, ...late];
}

/**
 * The steps of `Up` or `Down` as what a provider sends for a product that no engine reads: one statement a command.
 * `reason` is why nothing of it is analysed; `untoldSql` what of raw SQL cannot even be read.
 */
export function previewMethod(
  method: MigrationMethod,
  provider: Provider,
  model: KnownModel,
  { reason, untoldSql }: { readonly reason: string; readonly untoldSql: (text: string) => string | undefined },
): readonly LoweredStep[] {
  const calls = callsOf(method);
  return method.steps.flatMap((step): readonly LoweredStep[] => {
    if (step.kind === 'other') return [previewed(step.span, step.reason)];
    if (!isOperation(step.method))
      return [previewed(step.span, `${step.method} is no operation of EF Core: what it does is not known`)];
    const commands = provider.lower(step, calls, model);
    return commands.map((command) => {
      // What is not literal, or is not worked out, stands beside what is.
      const dynamic = step.method === 'Sql' ? untoldSql(command.text) : undefined;
      const reasons = [
        ...new Set([...command.unknown.map((gap) => gap.reason), ...(dynamic === undefined ? [] : [dynamic])]),
      ];
      const gaps = reasons.map(note);
      const head = gaps.length === 0 ? '' : `${gaps.join('\n')}\n`;
      return {
        span: step.span,
        isBare: command.isBare,
        turn: 0,
        statements: [
          {
            text: `${head}${command.text.trimEnd()}`,
            span: step.span,
            map: [
              ...(head === ''
                ? []
                : [{ kind: 'made' as const, text: { start: 0, end: head.length }, source: command.span }]),
              ...command.map.map((piece) => ({
                ...piece,
                text: { start: piece.text.start + head.length, end: piece.text.end + head.length },
              })),
            ],
            notation: JSON.stringify({
              certainty: step.certainty,
              isCode: true,
              preview: reason,
              unknown: reasons.map((gap, index) => ({
                reason: gap,
                start: head.length,
                end: index === 0 ? head.length + command.text.trimEnd().length : head.length,
              })),
            } satisfies Notation),
            from: step.span,
            call: { span: step.span, isOnly: commands.length === 1 },
            turn: 0,
          },
        ],
      };
    });
  });

  function previewed(span: Span, why: string): LoweredStep {
    const step = notFollowed(span, why);
    return {
      ...step,
      statements: step.statements.map((statement) => {
        const unknown = [{ reason: why, start: 0, end: statement.text.length }];
        const notation = { certainty: 'may', isCode: true, preview: why, unknown } satisfies Notation;
        return { ...statement, notation: JSON.stringify(notation) };
      }),
    };
  }
}

function note(reason: string): string {
  return `/* not analysed: ${reason.replaceAll('*/', '* /')} */`;
}

/** Turns of a method beside the one in which its calls run, each with whether it runs outside a transaction. */
export function turnsOf(method: MigrationMethod, engine: EngineId): ReturnType<NonNullable<Provider['turns']>> {
  return (
    byEngine<Pick<Provider, 'turns'>>(engine, { postgresql: {}, sqlite: efSqliteProvider }).turns?.(callsOf(method)) ??
    []
  );
}

function callsOf(method: MigrationMethod): readonly Call[] {
  return method.steps.flatMap((step): readonly Call[] => (step.kind === 'call' ? [step] : []));
}

/**
 * Code that may do anything, as a statement that says so, at a place that is the code itself unless it is another. Its text
 * is its reason, so that equal text means equal.
 */
export function notFollowed(span: Span, reason: string, place = span): LoweredStep {
  const text = note(reason);
  return {
    span,
    isBare: false,
    turn: 0,
    statements: [
      {
        text,
        span,
        map: [{ kind: 'made', text: { start: 0, end: text.length }, source: place }],
        notation: JSON.stringify({
          certainty: 'may',
          isCode: true,
          unknown: [{ reason, start: 0, end: text.length }],
        } satisfies Notation),
        call: { span, isOnly: true },
        turn: 0,
      },
    ],
  };
}

/** The statements of a command. `turn` as in `CallStatement`. */
export function statementsOf(
  command: Command,
  call: Pick<Call, 'certainty' | 'span'>,
  engine: Engine,
  isOnlyCommand: boolean,
  turn: number,
): readonly CallStatement[] {
  const whole = { text: command.text, map: command.map, span: command.span };
  const parts = engine.split(command.text, { start: 0, end: command.text.length });
  return parts.map((part, index): CallStatement => {
    const unknown = command.unknown.flatMap(({ reason, span }) => {
      const piece = command.map.find(
        ({ source, kind }) => kind !== 'made' && source.start >= span.start && source.end <= span.end,
      );
      const at = piece?.text ?? { start: 0, end: 0 };
      const isHere = piece === undefined ? index === 0 : at.start < part.span.end && at.end > part.span.start;
      if (!isHere) return [];
      return [
        {
          reason,
          start: Math.max(0, at.start - part.span.start),
          end: piece === undefined ? part.text.length : Math.min(part.text.length, at.end - part.span.start),
        },
      ];
    });
    const notation = notationOf({ certainty: call.certainty, isCode: false, unknown });
    return {
      ...sliceMapped(whole, part),
      ...(notation === undefined ? {} : { notation }),
      ...(command.places.length === 0 ? {} : { places: command.places }),
      from: call.span,
      call: { span: call.span, isOnly: isOnlyCommand && parts.length === 1 },
      turn,
    };
  });
}

/** What a statement's text does not say of it: part of what its meaning is kept by. */
export interface Notation {
  readonly certainty: 'certain' | 'may';
  /** The text stands for code, and is no SQL. */
  readonly isCode: boolean;
  /** The text is shown, but read by no engine: why. */
  readonly preview?: string;
  /** Offsets are in the statement's text. */
  readonly unknown: readonly { readonly reason: string; readonly start: number; readonly end: number }[];
}

function notationOf(notation: Notation): string | undefined {
  return notation.certainty === 'certain' && notation.unknown.length === 0 ? undefined : JSON.stringify(notation);
}

export function readNotation(text: string | undefined): Notation | undefined {
  // Written by `notationOf` just above.
  return text === undefined ? undefined : (JSON.parse(text) as Notation);
}
