import type { Answer, Refusal } from '../application/use-cases/answer.ts';
import type { InvalidIndex } from '../application/use-cases/invalid-indexes.ts';
import { assertNever } from '../core/assert-never.ts';
import type { Outcome } from '../protocol/requests.ts';

/** What a use case gave, as the protocol has it. */
export function outcomeOf<Value, Told>(answer: Answer<Value>, tell: (value: Value) => Told): Outcome<Told> {
  return answer.kind === 'refused' ? refusedWords(answer) : { ok: true, value: tell(answer.value) };
}

export function refusedWords({ reason }: { readonly reason: Refusal }): Outcome<never> {
  return { ok: false, message: wordsOf(reason) };
}

/** Why a use case did nothing, as a sentence for whoever asked in the editor. */
function wordsOf(reason: Refusal): string {
  switch (reason.code) {
    case 'not-trusted':
      return 'This workspace is not trusted, so Lockstep only lints it: trust the workspace, then try again.';
    case 'no-project':
      if (reason.unread !== undefined && reason.unread.length > 0) return reason.unread.join(' ');
      return 'No migrations were found in this folder: make one, or name their folder in lockstep.jsonc.';
    case 'several-projects':
      return `Several migration folders were found (${reason.folders.join(', ')}): choose one.`;
    case 'not-connected':
      return 'No database is connected: connect to one first.';
    case 'no-database':
      return 'lockstep.jsonc names no database that can be used: set its environment variable, or enter a URL.';
    case 'variable-unset':
      return `lockstep.jsonc names no database that can be used, since the environment variable ${reason.variable} is not set: set it, or enter a URL.`;
    case 'url-unreadable':
      return reason.problem;
    case 'no-such-environment':
      return `lockstep.jsonc has no environment "${reason.name}" any more.`;
    case 'environment-unnamed':
      return `The environment ${reason.name} in lockstep.jsonc says nowhere where its database is: give it "env", or enter a URL.`;
    case 'not-confirmed':
      return `${reason.name} is production, and ${reason.given ? 'what was typed is not its name' : 'its name was not typed'}, so nothing was done: give the command again.`;
    case 'not-on-production':
      return `${reason.database} is production, where this is not done: apply and revert what it needs one after the other.`;
    case 'redo-takes-others':
      return `${reason.id} is pending among them and would be applied with them: apply it first.`;
    case 'no-such-tool':
      return `There is no other tool "${reason.tool}": ${reason.tools.join(', ')}.`;
    case 'no-other-history':
      return `This database has no history of ${reason.tool} (${reason.table}): connect to the one that it was used on.`;
    case 'failed-in-other':
      return `The history of ${reason.tool} says that ${reason.id} failed: repair it with ${reason.tool} first.`;
    case 'other-writes-itself':
      return `Only ${reason.tool} itself writes its history: use its own command to mark what is applied.`;
    case 'squash-refused':
      return reason.reason;
    case 'no-file':
      return `${reason.database} is on a server, which has backups of its own: restore it there.`;
    case 'no-backup':
      return 'There is no such backup beside this database.';
    case 'other-engine':
      return `The migrations in ${reason.folder} are not written for the kind of database that ${reason.database} is: connect to another, or set "dialect" in lockstep.jsonc.`;
    case 'unread-product':
      return `Lockstep connects to no ${reason.product}${reason.commands.length === 0 ? '' : `: use ${reason.commands.map((command) => `"${command}"`).join(' and ')}`}.`;
    case 'run-in-flight':
      return 'A run is under way in this project: wait for its end, or cancel it.';
    case 'database':
      return reason.failure.message;
    case 'no-such-change':
      return `There is no change "${reason.change}" in these migrations any more.`;
    case 'no-deploy':
      return `No step of ${reason.change} waits for ${reason.deploy === null ? 'a deploy' : 'this deploy'}: nothing is to be confirmed.`;
    case 'no-parity':
      return `No step of ${reason.change} says what is to be compared: write "-- lockstep: parity TABLE old (EXPRESSION) new (EXPRESSION)" into the step that requires it.`;
    case 'step-open':
      return `${reason.migration} is not applied yet, so old and new cannot agree: apply it first.`;
    case 'nothing-to-fill':
      return `${reason.change} has no migrate step, so there is nothing to fill.`;
    case 'no-such-migration':
      return `There is no migration "${reason.id}" any more.`;
    case 'other-state':
      return `${reason.id} is ${reason.state.replaceAll('-', ' ')} now: look at it again.`;
    case 'changed-meanwhile':
      return 'What was to be done has changed meanwhile, so nothing was done: look again.';
    case 'marks-others':
      return `The history keeps how far it came and not what ran, so that ${reason.others.join(', ')} would be marked with ${reason.id}: mark the one next to what is applied.`;
    case 'no-applied-text':
      return `No text of ${reason.path} that git knows is the one that was applied: the history keeps a checksum only.`;
    case 'not-written':
      return `${reason.problem.slice(0, 1).toUpperCase()}${reason.problem.slice(1)}.`;
    case 'no-such-wish':
      return `There is no change "${reason.wish}".`;
    case 'values-refused':
    case 'wish-refused':
      return reason.reason;
    default:
      return assertNever(reason);
  }
}

export function invalidIndexWords({ name, table }: InvalidIndex): string {
  return `The index ${name} on ${table ?? 'its table'} is invalid: it costs every write and serves no read. Drop it, then apply again.`;
}
