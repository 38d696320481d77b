import { SCHEMA_VERSION } from '../../core/schema-version.ts';
import { estimateWords, sizeWords } from '../../analysis/estimate.ts';
import { lockWords } from '../../model/effect.ts';
import type {
  ExplainedEffect,
  ExplainedFile,
  ExplainedOperation,
  ExplainedTransaction,
  ExplainReport,
} from '../../analysis/report.ts';
import { EXIT, UsageError } from '../exit-codes.ts';
import { heldText } from '../reporters/held-text.ts';
import { json } from '../reporters/lint-formats.ts';
import { refuseUnread, type Session } from '../session.ts';
import { pathsOf } from './lint.ts';

/** `explain [PATH...]`: what each statement does to a running system. */
export async function explain(session: Session): Promise<number> {
  const { arguments: words, terminal, colors } = session;
  const format = words.choice('format', ['text', 'json']);
  const { projects, unread } = await session.open(words.positionals);
  if (projects.length === 0) {
    refuseUnread(unread);
    throw new UsageError('no migrations were found: name a folder of migrations or a .sql file');
  }
  const files: ExplainedFile[] = [];
  const transactions: ExplainedTransaction[] = [];
  for (const project of projects) {
    await session.attachIfNamed(project);
    const paths = pathsOf(project, words.positionals, session.root);
    for (const path of paths) if (!files.some((file) => file.path === path)) files.push(project.explain(path));
    transactions.push(...(project.explainTogether(paths) ?? []));
  }
  if (files.length === 0)
    throw new UsageError(`no migration was found in ${words.positionals.join(', ')}: name a migration, or its folder`);
  const report: ExplainReport = {
    schemaVersion: SCHEMA_VERSION,
    files,
    ...(transactions.length === 0 ? {} : { transactions }),
  };
  terminal.write(
    format === 'json'
      ? json(report)
      : [
          ...files.map((file) => explainedText(file, colors)),
          ...(transactions.length === 0 ? [] : [heldText(transactions)]),
        ].join('\n'),
  );
  return EXIT.done;
}

function explainedText(file: ExplainedFile, colors: Session['colors']): string {
  const wrapper = {
    one: 'in one transaction',
    none: 'outside a transaction',
    implicit: 'outside a transaction, sent as one string',
  }[file.transaction];
  const lines = [
    colors.bold(
      `${file.path} (${file.dialect === null ? (file.unreadProduct ?? '') : `${file.dialect} ${file.serverVersion}, ${wrapper}`})`,
    ),
  ];
  for (const statement of file.statements) {
    const head = statement.text.replaceAll(/\s+/g, ' ');
    lines.push('', `  ${statement.range.start.line + 1}: ${head.length > 110 ? `${head.slice(0, 107)}...` : head}`);
    if (!statement.analysed) lines.push(`     ${colors.yellow('not analysed')}: ${statement.reason ?? ''}`);
    else if (statement.effects.length === 0) lines.push(`     ${colors.green('locks nothing that exists')}`);
    for (const effect of statement.effects) lines.push(...effectText(effect, colors));
    if (statement.operations.length > 1)
      for (const operation of statement.operations) lines.push(actionText(operation, colors));
  }
  return `${lines.join('\n')}\n`;
}

function effectText(effect: ExplainedEffect, colors: Session['colors']): readonly string[] {
  const facts = [
    effect.rewrite ? 'rewrites it' : '',
    effect.scan ? readsWords(effect) : '',
    effect.blocks.length === 0 ? '' : `blocks ${effect.blocks.join(', ')}`,
  ].filter((fact) => fact !== '');
  const color =
    effect.blocks.includes('writes') && (effect.rewrite || effect.scan)
      ? colors.red
      : effect.blocks.includes('writes')
        ? colors.yellow
        : colors.dim;
  return [
    `     ${color(lockWords(effect.lock))} on ${effect.relationKind} ${effect.relation}${facts.length === 0 ? '' : `: ${facts.join('; ')}`}${isOpen(effect) ? ' (may)' : ''}`,
    `       ${colors.dim(effect.why)}`,
    ...(effect.size === undefined
      ? []
      : [
          `       ${effect.relation} has ${sizeWords(effect.size)}.${effect.estimate === undefined ? '' : ` ${estimateWords(effect, effect.estimate)}`}`,
        ]),
    ...(effect.waitsFor ?? []).map((holder) => `       ${colors.yellow(holder.text)}`),
  ];
}

function readsWords(effect: ExplainedEffect): string {
  return effect.scanCertainty === 'may' ? 'may read all of it' : 'reads all of it';
}

/** Whether not even the lock is certain. */
function isOpen(effect: ExplainedEffect): boolean {
  return effect.certainty === 'may' && effect.scanCertainty === undefined;
}

/** One line for an action of several: its place and what it adds. */
function actionText(operation: ExplainedOperation, colors: Session['colors']): string {
  const parts = operation.effects.map(
    (effect) =>
      `${lockWords(effect.lock)} on ${effect.relation}${effect.rewrite ? ', rewrites it' : ''}${effect.scan ? `, ${readsWords(effect)}` : ''}${isOpen(effect) ? ' (may)' : ''}`,
  );
  const { line, character } = operation.range.start;
  return `     ${colors.bold(`${line + 1}:${character + 1} ${operation.kind.replaceAll('-', ' ')}`)}: ${parts.length === 0 ? 'locks nothing that exists' : parts.join('; ')}`;
}
