import type { Span } from '../../core/span.ts';
import type { MigrationMethod } from '../../languages/efcore/migration-class.ts';
import { turnsOf } from '../../languages/efcore/lowered.ts';
import { migrationsOf } from '../../languages/efcore/migration-texts.ts';
import { BoundArguments, annotationsOf } from '../../languages/efcore/parameters.ts';
import { byEngine, type EngineId } from '../../model/engine-id.ts';
import type { DocumentLayout, Section } from '../../model/migration.ts';

/** Why Lockstep itself runs no EF Core migration. */
export const EF_ITSELF =
  'EF Core makes the SQL of its migrations from the model when it runs them: apply it by "dotnet ef database update"';

/**
 * `Up` and `Down` of a document. A command that suppresses its transaction is a section of its own, since EF Core commits
 * what came before it. Of a product that no engine reads, without a dialect, each half is one whole.
 */
export function efcoreLayout(text: string, dialect: EngineId | undefined): DocumentLayout {
  const sections: Section[] = [];
  for (const migration of migrationsOf(text)) {
    for (const direction of ['up', 'down'] as const) {
      const method = migration[direction];
      if (method !== undefined && dialect === undefined)
        sections.push({ direction, span: method.bodySpan, transaction: 'one', blocked: EF_ITSELF });
      else if (method !== undefined && dialect !== undefined)
        sections.push(...sectionsOf(method, direction, dialect), ...laterTurns(method, direction, dialect));
    }
  }
  return { sections, problems: [] };
}

function sectionsOf(method: MigrationMethod, direction: Section['direction'], dialect: EngineId): readonly Section[] {
  const parts: { readonly transaction: Section['transaction']; start: number; end: number; marker?: Span }[] = [];
  for (const step of method.steps) {
    const marker = step.kind === 'call' ? bareMarker(step) : undefined;
    // Several statements of one bare command are sent as one string.
    const transaction =
      marker === undefined
        ? 'one'
        : byEngine<Section['transaction']>(dialect, { postgresql: 'implicit', sqlite: 'none' });
    const last = parts.at(-1);
    if (last !== undefined && marker === undefined && last.marker === undefined) last.end = step.span.end;
    else
      parts.push({
        transaction,
        start: step.span.start,
        end: step.span.end,
        ...(marker === undefined ? {} : { marker }),
      });
  }
  const { start, end } = method.bodySpan;
  if (parts.length === 0) return [{ direction, span: { start, end }, transaction: 'one', blocked: EF_ITSELF }];
  return parts.map(
    (part, index): Section => ({
      direction,
      // Comments before a part are its own.
      span: {
        start: index === 0 ? start : (parts[index - 1]?.end ?? start),
        end: index === parts.length - 1 ? end : part.end,
      },
      transaction: part.transaction,
      ...(part.marker === undefined ? {} : { markerSpan: part.marker }),
      blocked: EF_ITSELF,
    }),
  );
}

/** What EF Core runs after everything else that the method says, each turn as the section of the whole method. */
function laterTurns(method: MigrationMethod, direction: Section['direction'], dialect: EngineId): readonly Section[] {
  return turnsOf(method, dialect).map(({ turn, isBare }) => ({
    direction,
    span: method.bodySpan,
    turn,
    transaction: isBare ? 'none' : 'one',
    blocked: EF_ITSELF,
  }));
}

/** What takes a call out of the migration's transaction: `suppressTransaction: true`, or an index that is built concurrently. */
function bareMarker(step: Extract<MigrationMethod['steps'][number], { kind: 'call' }>): Span | undefined {
  if (step.method === 'Sql') {
    const value = new BoundArguments(step).get('suppressTransaction');
    return value?.kind === 'boolean' && value.value ? value.span : undefined;
  }
  if (step.method !== 'CreateIndex') return undefined;
  const value = annotationsOf(step).get('Npgsql:CreatedConcurrently');
  return value?.kind === 'boolean' && value.value ? value.span : undefined;
}
