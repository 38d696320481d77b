import { usageOf, WISHES } from '../planner/wishes.ts';
import { DatabaseError } from '../drivers/driver.ts';
import { repeated, withoutCredentials, withoutSecrets } from '../core/redact.ts';
import { readArguments } from './arguments.ts';
import { baseline, mark, unmark } from './commands/baseline.ts';
import { backfillChange, change } from './commands/change.ts';
import { databases } from './commands/databases.ts';
import { explain } from './commands/explain.ts';
import { fix } from './commands/fix.ts';
import { fleet } from './commands/fleet.ts';
import { init } from './commands/init.ts';
import { lint } from './commands/lint.ts';
import { log } from './commands/log.ts';
import { handBack, takeOver } from './commands/other-history.ts';
import { accept, repair } from './commands/repair.ts';
import { squash } from './commands/squash.ts';
import { newMigration } from './commands/new.ts';
import { plan } from './commands/plan.ts';
import { restore } from './commands/restore.ts';
import { apply, revert } from './commands/run.ts';
import { redo } from './commands/redo.ts';
import { script } from './commands/script.ts';
import { status, verify } from './commands/status.ts';
import { VALUE_OPTION } from './given-values.ts';
import { EXIT, UsageError } from './exit-codes.ts';
import { UnwrittenError } from '../application/write-changes.ts';
import { fileFailure } from '../core/file-failure.ts';
import { Session, type Machine } from './session.ts';
import type { Terminal } from './terminal.ts';
import { VERSION } from './version.ts';
import { isFileUrl } from '../model/database-url.ts';
import { ENGINE_IDS } from '../model/engine-id.ts';

interface Command {
  readonly usage: string;
  readonly title: string;
  readonly options?: Parameters<typeof readArguments>[1];
  /** Whether words that are no options mean nothing to it. */
  readonly takesNoWords?: true;
  run(session: Session): Promise<number>;
}

const TEXT = { type: 'string' } as const;
const FLAG = { type: 'boolean' } as const;
const RUN = {
  despite: { type: 'string', multiple: true },
  interrupted: TEXT,
  bundle: TEXT,
  'dry-run': FLAG,
  locks: FLAG,
  expect: TEXT,
  yes: FLAG,
  confirm: TEXT,
} as const;

const COMMANDS: Readonly<Record<string, Command>> = {
  init: {
    usage: 'init [--dry-run] [--format text|json]',
    title: 'Write lockstep.jsonc with what is here, and accept the past',
    options: { 'dry-run': FLAG },
    takesNoWords: true,
    run: init,
  },
  lint: {
    usage:
      'lint [PATH...] [--fail-on error|warning|info|never] [--rule CODE...] [--base REV] [--pending] [--summary] [--format text|json|sarif|github|gitlab|junit]',
    title: 'Report unsafe statements',
    options: {
      'fail-on': TEXT,
      rule: { type: 'string', multiple: true },
      all: FLAG,
      base: TEXT,
      pending: FLAG,
      summary: FLAG,
    },
    run: lint,
  },
  explain: {
    usage: 'explain [PATH...] [--format text|json]',
    title: 'Say what each statement locks, rewrites and reads',
    run: explain,
  },
  fix: {
    usage:
      'fix PATH [--at LINE] [--rule CODE...] [--statement] [--value COLUMN=EXPRESSION...] [--write] [--format text|json]',
    title: 'Show or write the safe steps of a whole migration',
    options: { at: TEXT, rule: { type: 'string', multiple: true }, statement: FLAG, write: FLAG, ...VALUE_OPTION },
    run: fix,
  },
  status: {
    usage: 'status [--format text|json]',
    title: 'Show applied and pending migrations',
    takesNoWords: true,
    run: status,
  },
  verify: {
    usage: 'verify [--format text|json]',
    title: 'Fail unless the database is up to date',
    takesNoWords: true,
    run: verify,
  },
  apply: {
    usage:
      'apply [--to ID | --next | --all] [--phase expand|migrate|contract] [--despite drifted|missing|problems...] [--interrupted again|done] [--bundle FILE|FOLDER] [--dry-run [--locks]] [--expect DIGEST] [--yes] [--confirm NAME] [--format text|json]\n       apply --script FILE [--dry-run] [--yes] [--confirm NAME] [--format text|json]',
    title: 'Apply pending migrations, or an idempotent script of EF Core',
    options: { to: TEXT, next: FLAG, all: FLAG, phase: TEXT, script: TEXT, ...RUN },
    run: apply,
  },
  revert: {
    usage:
      'revert [--to ID | --last | --steps N] [--despite drifted...] [--interrupted again|done] [--bundle FILE|FOLDER] [--dry-run [--locks]] [--expect DIGEST] [--yes] [--confirm NAME] [--format text|json]\n       revert --script FILE [--dry-run] [--yes] [--confirm NAME] [--format text|json]',
    title: 'Revert applied migrations, newest first',
    options: { to: TEXT, last: FLAG, steps: TEXT, script: TEXT, ...RUN },
    run: revert,
  },
  redo: {
    usage: 'redo [--steps N] [--dry-run] [--yes] [--format text|json]',
    title: 'Revert the newest applied migrations and apply them again; not on production',
    options: { steps: TEXT, 'dry-run': FLAG, yes: FLAG },
    takesNoWords: true,
    run: redo,
  },
  script: {
    usage: 'script [--from ID] [--to ID] [--down] [--idempotent] [--format text|json]',
    title: 'Print SQL for review, or on PostgreSQL to be run more than once',
    options: { from: TEXT, to: TEXT, down: FLAG, idempotent: FLAG },
    takesNoWords: true,
    run: script,
  },
  baseline: {
    usage: 'baseline [--to ID] [--despite lacking] [--dry-run] [--yes] [--confirm NAME] [--format text|json]',
    title: 'Mark what a database in use has already as applied, and run nothing',
    options: { to: TEXT, despite: TEXT, 'dry-run': FLAG, yes: FLAG, confirm: TEXT },
    takesNoWords: true,
    run: baseline,
  },
  mark: {
    usage: 'mark ID [--yes] [--confirm NAME] [--format text|json]',
    title: 'Mark a migration as applied, and run nothing',
    options: { yes: FLAG, confirm: TEXT },
    run: mark,
  },
  unmark: {
    usage: 'unmark ID [--yes] [--confirm NAME] [--format text|json]',
    title: 'Mark an applied migration as not applied, and run nothing',
    options: { yes: FLAG, confirm: TEXT },
    run: unmark,
  },
  databases: {
    usage: 'databases [--format text|json]',
    title: 'Show which databases the files here and the environment name, and connect to none',
    takesNoWords: true,
    run: databases,
  },
  backfill: {
    usage:
      'backfill CHANGE [--batch N] [--pause MS] [--max-lag SECONDS] [--resume] [--confirm NAME] [--format text|json]',
    title: "Run a change's fill in batches; one that was stopped goes on",
    options: { by: TEXT, batch: TEXT, pause: TEXT, 'max-lag': TEXT, resume: FLAG, confirm: TEXT },
    run: backfillChange,
  },
  restore: {
    usage: 'restore [NAME | --list] [--yes] [--confirm NAME] [--format text|json]',
    title: 'Make a SQLite file what it was before a run',
    options: { list: FLAG, yes: FLAG, confirm: TEXT },
    run: restore,
  },
  fleet: {
    usage:
      'fleet status NAME | apply NAME [--list FILE] [--wave N] [--to ID] [--report FILE] [--yes] [--confirm NAME] [--format text|json]',
    title: 'Apply the same migrations to many databases, in waves, up to the first that fails',
    options: { list: TEXT, wave: TEXT, to: TEXT, report: TEXT, yes: FLAG, confirm: TEXT },
    run: fleet,
  },
  accept: {
    usage: 'accept ID --reason TEXT [--yes] [--confirm NAME] [--format text|json]',
    title: "Take an edited migration's text for what was applied, with a reason, and run nothing",
    options: { reason: TEXT, yes: FLAG, confirm: TEXT },
    run: accept,
  },
  repair: {
    usage: 'repair [--confirm NAME] [--format text|json]',
    title: 'Go through what failed, is invalid, missing or edited, with the ways on',
    options: { confirm: TEXT },
    takesNoWords: true,
    run: repair,
  },
  'take-over': {
    usage: 'take-over TOOL [--despite missing] [--dry-run] [--yes] [--confirm NAME] [--format text|json]',
    title: "Mark as applied what another tool's history on this database has",
    options: { despite: TEXT, 'dry-run': FLAG, yes: FLAG, confirm: TEXT },
    run: takeOver,
  },
  'hand-back': {
    usage: 'hand-back TOOL [--despite missing] [--dry-run] [--yes] [--confirm NAME] [--format text|json]',
    title: "Mark in another tool's history what is applied here",
    options: { despite: TEXT, 'dry-run': FLAG, yes: FLAG, confirm: TEXT },
    run: handBack,
  },
  squash: {
    usage: 'squash --from ID [--name NAME] [--write] [--format text|json]',
    title: 'Join the pending migrations from one on into one',
    options: { from: TEXT, name: TEXT, write: FLAG },
    takesNoWords: true,
    run: squash,
  },
  log: {
    usage: 'log [--format text|json]',
    title: 'Show who ran what on the database, where the team keeps a log in it',
    takesNoWords: true,
    run: log,
  },
  new: { usage: 'new NAME', title: 'Write an empty migration', run: newMigration },
  plan: {
    usage: `plan CHANGE VALUE... [--value COLUMN=EXPRESSION...] [--dry-run] [--format text|json]\n${WISHES.map((wish) => `       plan ${wish.name} ${wish.parts.map(usageOf).join(' ')}`).join('\n')}`,
    title: 'Write an expand/contract change that no migration asked for yet',
    options: { 'dry-run': FLAG, ...VALUE_OPTION },
    run: plan,
  },
  change: {
    usage:
      'change list | show ID | confirm-deploy ID [--by NAME] | check-parity ID | backfill ID [--batch N] [--pause MS] [--max-lag SECONDS] | runbook ID [--confirm NAME] [--format text|json]',
    title: 'Follow expand/contract changes',
    options: { by: TEXT, batch: TEXT, pause: TEXT, 'max-lag': TEXT, confirm: TEXT },
    run: change,
  },
};

/** Runs one command line; the result is the exit code. Nothing is thrown. */
export async function runCli(
  words: readonly string[],
  outside: Terminal,
  machine: Machine,
  startServer: () => Promise<void>,
): Promise<number> {
  const terminal = withoutTheirSecrets(outside, words);
  const [name, ...rest] = words;
  const isVerbose = rest.includes('--verbose');
  try {
    if (name === undefined || name === '--help' || name === 'help' || name === '-h') {
      terminal.write(help());
      return EXIT.done;
    }
    if (name === '--version' || name === 'version') {
      terminal.write(`${VERSION}\n`);
      return EXIT.done;
    }
    if (name === 'lsp') {
      await startServer();
      return EXIT.done;
    }
    const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
    if (command === undefined)
      throw new UsageError(`there is no command ${repeated(name, 'of that name')}: see "lockstep --help"`);
    const parsed = readArguments(rest, command.options);
    if (parsed.flag('help')) {
      terminal.write(`lockstep ${command.usage}\n\n${command.title}.\n\n${COMMON_HELP}`);
      return EXIT.done;
    }
    const [word] = parsed.positionals;
    if (command.takesNoWords === true && word !== undefined)
      throw new UsageError(`${repeated(word)} is not expected here: see "lockstep ${name} --help"`);
    return await command.run(new Session(parsed, terminal, machine));
  } catch (cause) {
    const report = (message: string): void => {
      terminal.writeError(`lockstep: ${message}\n`);
    };
    if (isVerbose && cause instanceof Error) terminal.writeError(`${cause.stack ?? ''}\n`);
    if (cause instanceof UsageError) {
      report(cause.message);
      return EXIT.usage;
    }
    if (cause instanceof DatabaseError) {
      report(cause.failure.message);
      return cause.failure.kind === 'locked' ? EXIT.locked : EXIT.database;
    }
    const file = fileFailure(cause);
    if (file !== undefined) {
      report(cause instanceof UnwrittenError ? `${cause.message}: ${file}` : file);
      return EXIT.usage;
    }
    const reason =
      cause instanceof Error
        ? `${cause.message}${cause.cause instanceof Error ? `: ${cause.cause.message}` : ''}`
        : String(cause);
    report(`${reason}: run again with --verbose and report what it prints`);
    return EXIT.usage;
  }
}

/** Standard error that repeats no word of the command line in which a connection string may stand, wherever it was put. */
function withoutTheirSecrets(terminal: Terminal, words: readonly string[]): Terminal {
  const secrets = words
    .flatMap((word) => [word, word.replace(/^--?[\w-]+=/, '')])
    .filter((word) => !isFileUrl(word) && repeated(word, '') === '');
  return {
    ...terminal,
    writeError: (text) => terminal.writeError(withoutCredentials(withoutSecrets(text, secrets))),
  };
}

const COMMON_HELP = [
  'Common options:',
  '  --cwd DIR                      work in this folder',
  '  --config FILE                  configuration (default: lockstep.jsonc here or above)',
  `  --dialect ${ENGINE_IDS.join('|').padEnd(20)} language of the migrations`,
  '  --server-version N             17, 3.54, ...',
  '  --database URL                 postgres://... or sqlite:PATH',
  '  --environment NAME             one of the "environments" of lockstep.jsonc',
  '  --color auto|always|never',
  '  --verbose                      stack of an error',
  '',
].join('\n');

function help(): string {
  const width = Math.max(...Object.keys(COMMANDS).map((name) => name.length));
  return [
    `Lockstep ${VERSION}: migrations for services that may not go down.`,
    '',
    'Commands:',
    ...Object.entries(COMMANDS).map(([name, command]) => `  ${name.padEnd(width)}  ${command.title}`),
    `  ${'lsp'.padEnd(width)}  Language server for editors (lsp --stdio)`,
    '',
    COMMON_HELP,
    'Exit codes: 0 clean or done, 1 findings, 2 usage, 3 database, 4 a migration failed, 5 stopped before a requirement, 6 another run holds the lock.',
    'See "lockstep COMMAND --help".',
    '',
  ].join('\n');
}
