import type { Refusal } from '../application/use-cases/answer.ts';
import { assertNever } from '../core/assert-never.ts';
import { repeated } from '../core/redact.ts';
import { DatabaseError } from '../drivers/driver.ts';
import { WISHES } from '../planner/wishes.ts';
import { UsageError } from './exit-codes.ts';

const NO_DATABASE =
  'no database is named: give --database postgres://... or sqlite:PATH, or name an environment variable in lockstep.jsonc ("database": { "env": "DATABASE_URL" }); "lockstep databases" shows those that are named here';

/** Why a use case did nothing, as what ends a command: one line on standard error, and its exit code. */
export function refusalError(reason: Refusal): Error {
  return reason.code === 'database' ? new DatabaseError(reason.failure) : new UsageError(wordsOf(reason));
}

function wordsOf(reason: Exclude<Refusal, { readonly code: 'database' }>): string {
  switch (reason.code) {
    case 'not-trusted':
      return 'this folder is not trusted, so nothing is connected to and nothing is written: trust it first';
    case 'no-project':
      if (reason.unread !== undefined && reason.unread.length > 0) return asReason(reason.unread.join(' '));
      return "no migrations were found: run this in the project's folder, or name the folder in lockstep.jsonc";
    case 'several-projects':
      return `several migration folders were found (${reason.folders.join(', ')}): name one in lockstep.jsonc, or pick it by --cwd`;
    case 'no-database':
      if (reason.environments.length > 0)
        return `no database is named: give --environment ${reason.environments.join('|')}, or --database postgres://... or sqlite:PATH`;
      return NO_DATABASE;
    case 'not-connected':
      return NO_DATABASE;
    case 'variable-unset':
      return `the environment variable ${reason.variable}, which lockstep.jsonc names for the database, is not set: set it, or give --database`;
    case 'url-unreadable':
      return asReason(reason.problem);
    case 'no-such-environment':
      return `lockstep.jsonc has no environment ${repeated(reason.name, 'of that name')}: ${reason.names.length === 0 ? 'name it below "environments"' : `it has ${reason.names.join(', ')}`}`;
    case 'environment-unnamed':
      return `the environment ${reason.name} in lockstep.jsonc says nowhere where its database is: give it "env", or add --database`;
    case 'not-confirmed':
      return `${reason.name} is production, and ${reason.given ? 'what was given is not its name, so nothing was done' : 'nothing is written to it before its name is typed'}: add --confirm ${reason.name}`;
    case 'not-on-production':
      return `${reason.database} is production, where this is not done: apply and revert what it needs one after the other`;
    case 'redo-takes-others':
      return `${reason.id} is pending among them and would be applied with them: apply it first`;
    case 'no-such-tool':
      return `there is no other tool ${repeated(reason.tool, 'of that name')}: name one of ${reason.tools.join(', ')}`;
    case 'no-other-history':
      return `this database has no history of ${reason.tool} (${reason.table}): connect to the one that it was used on`;
    case 'failed-in-other':
      return `the history of ${reason.tool} says that ${reason.id} failed: repair it with ${reason.tool} first`;
    case 'other-writes-itself':
      return `only ${reason.tool} itself writes its history: use its own command to mark what is applied`;
    case 'squash-refused':
      return asReason(reason.reason);
    case 'no-file':
      return `${reason.database} is on a server, which has backups of its own: restore it there`;
    case 'no-backup':
      return reason.names.length === 0
        ? 'there is no backup beside this database: nothing can be restored'
        : `there is no such backup: name one of ${reason.names.join(', ')}`;
    case 'other-engine':
      return `the migrations in ${reason.folder} are not written for the kind of database that ${reason.database} is: name another, or set "dialect" in lockstep.jsonc`;
    case 'unread-product':
      return `Lockstep connects to no ${reason.product}${reason.commands.length === 0 ? '' : `: use ${reason.commands.map((command) => `"${command}"`).join(' and ')}`}`;
    case 'run-in-flight':
      return 'a run is under way in this project: wait for its end';
    case 'no-such-change':
      return `there is no change "${reason.change}": see "lockstep change list"`;
    case 'no-deploy':
      return `no step of ${reason.change} waits for ${reason.deploy === null ? 'a deploy' : 'this deploy'}: nothing is to be confirmed`;
    case 'no-parity':
      return `no step of ${reason.change} says what is to be compared: write "-- lockstep: parity TABLE old (EXPRESSION) new (EXPRESSION)" into the step that requires it`;
    case 'step-open':
      return `${reason.migration} is not applied yet, so old and new cannot agree: apply it first`;
    case 'nothing-to-fill':
      return `${reason.change} has no migrate step, so there is nothing to fill`;
    case 'no-such-migration':
      return `there is no migration "${reason.id}": see "lockstep status" for the ids`;
    case 'other-state':
      return `${reason.id} is ${reason.state.replaceAll('-', ' ')} now, so that this is not for it: see "lockstep status"`;
    case 'changed-meanwhile':
      return 'what was to be done has changed meanwhile, so nothing was done: look again';
    case 'marks-others':
      return `the history keeps how far it came and not what ran, so that ${reason.others.join(', ')} would be marked with ${reason.id}: mark the one next to what is applied`;
    case 'no-applied-text':
      return `no text of ${reason.path} that git knows is the one that was applied: the history keeps a checksum only`;
    case 'not-written':
      return reason.problem;
    case 'no-such-wish':
      return `plan takes a change: ${WISHES.map((each) => each.name).join(', ')}`;
    case 'values-refused':
      return reason.reason;
    case 'wish-refused':
      return asReason(reason.reason);
    default:
      return assertNever(reason);
  }
}

/** A sentence as a reason on standard error: in lower case, without a full stop. */
export function asReason(sentence: string): string {
  return sentence.replace(/\.$/, '').replace(/^[A-Z](?=[a-z ])/, (first) => first.toLowerCase());
}
