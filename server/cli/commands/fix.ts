import { SCHEMA_VERSION } from '../../core/schema-version.ts';
import type { Finding, FixProposal, FixReport, SkippedFix } from '../../analysis/report.ts';
import { assertNever } from '../../core/assert-never.ts';
import { findingFixes, wholeFixes, type NotFixed } from '../../application/use-cases/fix-migration.ts';
import { stepLockWords } from '../../analysis/impact.ts';
import { WHOLE_MIGRATION } from '../../analysis/fix-whole.ts';
import { writeChanges } from '../../application/write-changes.ts';
import { checkValues, givenValues } from '../given-values.ts';
import { EXIT, UsageError } from '../exit-codes.ts';
import { json } from '../reporters/lint-formats.ts';
import { plural } from '../reporters/lint-text.ts';
import type { Session } from '../session.ts';
import { shownText } from '../shown-text.ts';
import { pathsOf } from './lint.ts';

/** Fixes carried out on one file before it is said that something is wrong: each one removes a finding. */
const MOST_ROUNDS = 200;

/**
 * `fix PATH [--at LINE] [--rule CODE] [--statement] [--value COLUMN=EXPRESSION] [--write]`: what makes a file's migrations safe, each planned as one
 * change, or doing it. A line, a rule or `--statement` fixes findings one by one.
 */
export async function fix(session: Session): Promise<number> {
  const { arguments: words, terminal, machine } = session;
  const format = words.choice('format', ['text', 'json']);
  if (words.positionals.length === 0) throw new UsageError('fix needs a file: name the migration to fix');
  const at = words.count('at');
  const rules = session.ruleCodes();
  const shouldWrite = words.flag('write');
  const isWhole = at === undefined && rules.size === 0 && !words.flag('statement');
  const values = givenValues(words);
  const wanted: Wanted = { atLine: at === undefined ? undefined : at - 1, rules, isWhole, values };
  if (values.size > 0) {
    const asked = await proposals(session, { ...wanted, values: new Map() }, false);
    const { projects } = await session.open(words.positionals);
    for (const project of projects) checkValues(values, asked.fixes, project);
  }
  const done: FixProposal[] = [];
  let skipped: FixReport['skipped'] = [];
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const found = await proposals(session, wanted, round > 0);
    skipped = found.skipped;
    if (!shouldWrite) {
      done.push(...found.fixes);
      break;
    }
    const next = found.fixes[0];
    if (next === undefined) break;
    await writeChanges(machine.files, session.root, next.files);
    done.push(next);
    // A line counts in the file as it was called for; after one fix it may stand for something else.
    if (at !== undefined) break;
  }
  const report: FixReport = { schemaVersion: SCHEMA_VERSION, fixes: done, skipped };
  const isNothing = done.length === 0 && skipped.length === 0;
  const nothing = isNothing ? nothingWords(await findingsOf(session), { at, rules }) : '';
  terminal.write(format === 'json' ? json(report) : fixText(report, shouldWrite, session.colors, nothing));
  return EXIT.done;
}

interface Wanted {
  readonly atLine: number | undefined;
  readonly rules: ReadonlySet<string>;
  readonly isWhole: boolean;
  readonly values: ReadonlyMap<string, string>;
}

/** First remedy of each finding in the named files, or of each migration whole, worked out on what is on disk now. */
async function proposals(
  session: Session,
  { atLine, rules, isWhole, values }: Wanted,
  mayBeGone: boolean,
): Promise<{ readonly fixes: readonly FixProposal[]; readonly skipped: FixReport['skipped'] }> {
  const { arguments: words, machine } = session;
  const named: string[] = [];
  for (const path of words.positionals) {
    const absolute = path.startsWith('/') ? path : `${session.root}/${path}`;
    // A migration that was left empty has been deleted by an earlier round.
    if (!mayBeGone || (await machine.files.exists(absolute))) named.push(path);
  }
  if (named.length === 0) return { fixes: [], skipped: [] };
  const { projects } = await session.open(named);
  if (projects.length === 0) throw new UsageError(`no SQL files were found in ${named.join(', ')}: name a migration`);
  const fixes: FixProposal[] = [];
  const skipped: SkippedFix[] = [];
  for (const project of projects) {
    await session.attachIfNamed(project);
    const now = machine.clock.now();
    for (const path of pathsOf(project, named, session.root)) {
      const found = isWhole
        ? wholeFixes(project, path, now, values)
        : findingFixes(project, path, now, { atLine, rules, values });
      fixes.push(...found.fixes);
      // Of a folder that is named most is applied, and nobody asked for that.
      const isNamed = named.some((each) => nameOf(each) === nameOf(path));
      const notFixed = found.notFixed.filter(({ code }) => code !== 'applied' || isNamed);
      skipped.push(...notFixed.map((why) => ({ path, ...skippedFix(why) })));
    }
  }
  return { fixes, skipped };
}

/** Findings of the named files. */
async function findingsOf(session: Session): Promise<readonly Finding[]> {
  const named = session.arguments.positionals;
  const { projects } = await session.open(named);
  const findings: Finding[] = [];
  for (const project of projects) {
    await session.attachIfNamed(project);
    for (const path of pathsOf(project, named, session.root)) findings.push(...project.lint(path).findings);
  }
  return findings;
}

/** Why nothing is fixed and nothing is said of any finding, with how many there are all the same. */
function nothingWords(
  findings: readonly Finding[],
  { at, rules }: { readonly at: number | undefined; readonly rules: ReadonlySet<string> },
): string {
  const isNarrowed = at !== undefined || rules.size > 0;
  const place = [
    ...(at === undefined ? [] : [`at line ${at}`]),
    ...(rules.size === 0 ? [] : [`of ${[...rules].join(', ')}`]),
  ].join(' ');
  const ofSeverity = (severity: Finding['severity']): number =>
    findings.filter((finding) => finding.severity === severity).length;
  const counts = [
    [ofSeverity('error'), 'error'],
    [ofSeverity('warning'), 'warning'],
    [ofSeverity('info'), 'info'],
  ] as const;
  const remaining = counts.flatMap(([count, word]) => (count === 0 ? [] : [plural(count, word)]));
  if (remaining.length === 0) return 'Nothing to fix.';
  if (isNarrowed) return `Nothing to fix ${place}. There is elsewhere: ${remaining.join(', ')}.`;
  const fixable = findings.filter(({ fixes }) => fixes.length > 0).length;
  return fixable === 0
    ? `Nothing to fix: ${remaining.join(', ')}, for which there is no fix.`
    : `Nothing is fixed as a whole: ${remaining.join(', ')}, ${fixable === findings.length ? 'which' : `${fixable} of which`} "fix --statement" works on one by one.`;
}

function skippedFix(why: NotFixed): SkippedFix {
  switch (why.code) {
    case 'no-remedy':
      return { code: why.rule, reason: `There is no fix for this: ${why.message}` };
    case 'refused':
      return { code: why.rule, reason: why.reason };
    case 'whole-refused':
      return {
        code: WHOLE_MIGRATION,
        reason: `${why.reason} "fix --statement" works on its findings one by one.`,
      };
    case 'applied':
      return {
        code: WHOLE_MIGRATION,
        reason: `${why.id} is applied already and is never edited: write a new migration instead.`,
      };
    case 'unread':
      return { code: 'syntax', reason: `This was not read, so nothing is fixed in it: ${why.message}` };
    default:
      return assertNever(why);
  }
}

/** A step with what is deployed before it, and whom it keeps waiting. */
function stepText(step: FixProposal['steps'][number], colors: Session['colors']): readonly string[] {
  const deploys = (step.requires ?? []).flatMap((requirement) =>
    requirement.kind === 'deploy' ? [`  ${colors.yellow('deploy'.padEnd(8))} ${requirement.description}`] : [],
  );
  const locks = step.locks.map((lock) => `           ${colors.dim(stepLockWords(lock))}`);
  return [...deploys, `  ${step.phase.padEnd(8)} ${step.title}`, ...locks];
}

function fixText(report: FixReport, isWritten: boolean, colors: Session['colors'], nothing: string): string {
  const lines: string[] = [];
  for (const proposal of report.fixes) {
    lines.push(colors.bold(`${proposal.title} (${proposal.code})`));
    for (const step of proposal.steps) lines.push(...stepText(step, colors));
    for (const file of proposal.files) {
      const color = file.action === 'create' ? colors.green : file.action === 'delete' ? colors.red : colors.yellow;
      lines.push(`  ${color(file.action.padEnd(8))} ${file.path}`);
      if (!isWritten && file.action !== 'delete')
        lines.push(
          ...shownText(file)
            .trimEnd()
            .split('\n')
            .map((line) => `           ${colors.dim(line)}`),
        );
    }
    for (const { name, type, suggestion } of proposal.values) {
      const example = suggestion ?? 'EXPRESSION';
      lines.push(
        `  ${colors.yellow('needs')}    a value of ${name}${type === '' ? '' : ` (${type})`} for the rows that exist: ${isWritten ? 'write it in place of lockstep_value(...), which holds the step until then' : `give it by --value "${name}=${example}", or write it into the step later, which is held until then`}`,
      );
    }
    lines.push('');
  }
  const paths = new Set(report.skipped.map(({ path }) => path));
  for (const { path, code, reason } of report.skipped)
    lines.push(`${colors.yellow('not fixed')} ${paths.size > 1 ? `${path ?? ''} ` : ''}${code}: ${reason}`);
  if (nothing !== '') lines.push(nothing);
  else if (!isWritten && report.fixes.length > 0) lines.push('Nothing was written: add --write to do it.');
  return `${lines.join('\n').trimEnd()}\n`;
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
