import type { ExplainedEffect, ExplainedStatement } from '../engine/report.ts';

/**
 * What one statement does to a running system, as Markdown for a hover.
 *
 * `serverVersion` is the one that the facts are for, `dialectTitle` the product's name.
 */
export function describeStatement(statement: ExplainedStatement, dialectTitle: string, serverVersion: string, action?: string): string {
  const head = action ?? titleOf(statement);
  const lines = [`**${head}** · ${dialectTitle} ${serverVersion}`, ''];
  if (!statement.analysed) {
    lines.push(`Not analysed: ${statement.reason ?? 'its effects cannot be known'}`, '');
  }
  if (statement.effects.length === 0) {
    if (statement.analysed) lines.push('Locks nothing that existed before it, so nothing running waits for it.');
    return lines.join('\n').trimEnd();
  }
  for (const effect of statement.effects) lines.push(describeEffect(effect), '');
  return lines.join('\n').trimEnd();
}

/** Words of the operation kinds with their relation: `add column · public.users`. */
export function titleOf(statement: ExplainedStatement): string {
  const [first, ...rest] = statement.operations;
  if (first === undefined) return statement.text.split(/\s+/, 2).join(' ').toUpperCase();
  const more = rest.length === 0 ? '' : ` and ${rest.length} more`;
  return `${operationTitle(first)}${more}`;
}

export function operationTitle(operation: ExplainedStatement['operations'][number]): string {
  const words = operation.kind.replaceAll('-', ' ');
  return operation.relation === null ? words : `${words} · ${operation.relation}`;
}

function describeEffect(effect: ExplainedEffect): string {
  const facts = [
    `${effect.certainty === 'may' ? 'may lock' : 'locks'} with \`${effect.lock}\``,
    blockWords(effect),
    ...(effect.rewrite ? ['**rewrites it**'] : []),
    ...(effect.scan ? ['**reads all of it under that lock**'] : []),
    ...(effect.rewrite || effect.scan ? [] : ['and it is neither rewritten nor scanned']),
  ];
  return `- \`${effect.relation}\` (${effect.relationKind.replaceAll('-', ' ')}): ${facts.join(', ')}.  \n  ${effect.why}${sourceLink(effect.source)}`;
}

function blockWords(effect: ExplainedEffect): string {
  if (effect.lock === 'DatabaseWriteLock') return 'which **blocks other writers**';
  if (effect.blocks.includes('reads')) return 'which **blocks reads and writes**';
  if (effect.blocks.includes('writes')) return 'which **blocks writes** while reads go on';
  return effect.blocks.includes('ddl') ? 'which blocks other schema changes only' : 'which blocks nothing';
}

function sourceLink(source: string): string {
  return /^https?:\/\//.test(source) ? ` [Source](${source})` : '';
}
