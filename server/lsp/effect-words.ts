import { estimateWords, sizeWords } from '../analysis/estimate.ts';
import { lockWords } from '../model/effect.ts';
import type { ExplainedEffect, ExplainedOperation, ExplainedStatement } from '../analysis/report.ts';

const NOTHING_LOCKED = 'Locks nothing that existed before it, so nothing running waits for it.';

/** What one statement does to a running system, as Markdown for a hover. `product` is what the facts are for: `PostgreSQL 17`. */
export function describeStatement(statement: ExplainedStatement, product: string): string {
  const lines = [`**${titleOf(statement)}** · ${product}`, '', ...notAnalysed(statement)];
  if (statement.effects.length === 0) {
    if (statement.analysed) lines.push(NOTHING_LOCKED);
    return lines.join('\n').trimEnd();
  }
  for (const effect of statement.effects) lines.push(describeEffect(effect), '');
  return lines.join('\n').trimEnd();
}

/** Lines of SQL that a hover shows; a wide table has more. */
const MOST_SQL_LINES = 40;

/** The SQL that a call of a program becomes, as a preview. */
export function madeOf(statements: readonly string[]): string {
  const lines = statements
    .map((text) => `${text};`)
    .join('\n')
    .split('\n');
  const shown = lines.length > MOST_SQL_LINES ? [...lines.slice(0, MOST_SQL_LINES), '-- ...'] : lines;
  return ['Becomes, in this order (a preview):', '```sql', ...shown, '```'].join('\n');
}

/** What all statements that one call becomes do to a running system; those that lock nothing are not told apart. */
export function describeMade(statements: readonly ExplainedStatement[], product: string): string {
  const telling = statements.filter((statement) => statement.effects.length > 0 || !statement.analysed);
  const [first] = statements;
  if (telling.length === 0) return first === undefined ? '' : describeStatement(first, product);
  return telling.map((statement) => describeStatement(statement, product)).join('\n\n');
}

/** What one action of a statement adds to it, and in short what the statement holds as a whole. */
export function describeAction(statement: ExplainedStatement, action: ExplainedOperation, product: string): string {
  const lines = [`**${operationTitle(action)}** · ${product}`, '', ...notAnalysed(statement)];
  for (const effect of action.effects) lines.push(describeEffect(effect), '');
  if (action.effects.length === 0) lines.push('This action locks nothing that existed before it.', '');
  const whole = statement.effects.map(
    (effect) =>
      `\`${effect.relation}\` with \`${lockWords(effect.lock)}\`${effect.rewrite ? ', rewritten' : ''}${effect.scan ? (effect.scanCertainty === 'may' ? ', may be read whole' : ', read whole') : ''}${isOpen(effect) ? ' (may)' : ''}`,
  );
  if (whole.length > 0)
    lines.push(
      `All ${statement.operations.length} actions run together: until the statement ends it locks ${whole.join('; ')}.`,
    );
  return lines.join('\n').trimEnd();
}

function notAnalysed(statement: ExplainedStatement): readonly string[] {
  return statement.analysed ? [] : [`Not analysed: ${statement.reason ?? 'its effects cannot be known'}`, ''];
}

/** Words of the operation kinds with their relation: `add column · public.users`. */
export function titleOf(statement: ExplainedStatement): string {
  const [first, ...rest] = statement.operations;
  if (first === undefined) return statement.text.split(/\s+/, 2).join(' ').toUpperCase();
  const more = rest.length === 0 ? '' : ` and ${rest.length} more`;
  return `${operationTitle(first)}${more}`;
}

export function operationTitle(operation: Pick<ExplainedOperation, 'kind' | 'relation'>): string {
  const words = operation.kind.replaceAll('-', ' ');
  // The schema that everything lies in by default says nothing.
  return operation.relation === null ? words : `${words} · ${operation.relation.replace(/^(?:public|main)\./, '')}`;
}

/** Whether not even the lock is certain. */
function isOpen(effect: ExplainedEffect): boolean {
  return effect.certainty === 'may' && effect.scanCertainty === undefined;
}

function describeEffect(effect: ExplainedEffect): string {
  const facts = [
    `${isOpen(effect) ? 'may lock' : 'locks'} with \`${lockWords(effect.lock)}\``,
    blockWords(effect),
    ...(effect.rewrite ? ['**rewrites it**'] : []),
    ...(effect.scan
      ? [
          effect.scanCertainty === 'may'
            ? '**may read all of it under that lock**'
            : '**reads all of it under that lock**',
        ]
      : []),
    ...(effect.rewrite || effect.scan ? [] : ['and it is neither rewritten nor scanned']),
  ];
  const live = liveWords(effect)
    .map((sentence) => `  \n  ${sentence}`)
    .join('');
  return `- \`${effect.relation}\` (${effect.relationKind.replaceAll('-', ' ')}): ${facts.join(', ')}.  \n  ${effect.why}${sourceLink(effect.source)}${live}`;
}

/** What the connected database adds: size, estimate, and who would have to end first. */
function liveWords(effect: ExplainedEffect): readonly string[] {
  return [
    ...(effect.size === undefined
      ? []
      : [
          `It has ${sizeWords(effect.size)}.${effect.estimate === undefined ? '' : ` ${estimateWords(effect, effect.estimate)}`}`,
        ]),
    ...(effect.waitsFor ?? []).map((holder) => `⚠ ${holder.text}`),
  ];
}

function blockWords(effect: ExplainedEffect): string {
  if (effect.lock === 'DatabaseWriteLock') return 'which **blocks other writers**';
  if (effect.blocks.includes('reads')) return 'which **blocks reads and writes**';
  if (effect.blocks.includes('writes')) return 'which **blocks writes** while reads go on';
  return effect.blocks.includes('ddl') ? 'which blocks other schema changes only' : 'which blocks nothing';
}

function sourceLink(source: string): string {
  return /^https?:\/\//.test(source) ? ` [Documentation](${source})` : '';
}
