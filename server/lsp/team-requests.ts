import { applyFleet, fleetOf, fleetStatus, fleetText, isGood } from '../application/use-cases/fleet.ts';
import { listBackups, restoreBackup } from '../application/use-cases/file-backup.ts';
import { logOf } from '../application/use-cases/log-of.ts';
import { moveHistory, planOtherHistory } from '../application/use-cases/other-history.ts';
import { repairSteps } from '../application/use-cases/repair.ts';
import { tryMigrations } from '../application/use-cases/try-migrations.ts';
import { done, refused, type Answer } from '../application/use-cases/answer.ts';
import type { UseContext } from '../application/use-cases/use-context.ts';
import { PROTECTED } from '../model/environment.ts';
import type {
  FleetAnswer,
  FleetParams,
  OtherHistoryParams,
  OtherTool,
  Outcome,
  PlannedHistory,
  RepairStep,
  RestoreParams,
  TryParams,
} from '../protocol/requests.ts';
import { logText } from '../runner/log-words.ts';
import { noRunWords } from '../runner/run-words.ts';
import { triedText } from '../runner/try-run.ts';
import { NAMED_TOOLS } from '../tools/registry.ts';
import { outcomeOf, refusedWords } from './refusal-words.ts';

/** Databases of a fleet that are worked on at once, unless it says another number. */
const WAVE = 5;

/** A dry run in a transaction that is rolled back, as lines. */
export async function tryOut(
  context: UseContext,
  { direction, extent }: TryParams,
  signal: AbortSignal,
): Promise<Outcome<string>> {
  const ended = await tryMigrations(context, { direction, extent }, { onEvent: () => undefined, signal });
  if (ended.kind === 'refused') return refusedWords(ended);
  if (ended.kind === 'not-started') return { ok: false, message: noRunWords(ended.why) };
  return { ok: true, value: triedText(ended.tried) };
}

export async function logLines(context: UseContext): Promise<Outcome<string>> {
  return outcomeOf(await logOf(context), logText);
}

export async function repairs(context: UseContext): Promise<Outcome<readonly RepairStep[]>> {
  return outcomeOf(await repairSteps(context), (steps) => steps);
}

/** Tools whose history may be taken over into a project's. */
export function otherTools({ project }: Pick<UseContext, 'project'>): readonly OtherTool[] {
  return NAMED_TOOLS.filter(({ id }) => id !== project.tool.id && id !== 'plain').map(({ id, title }) => ({
    id,
    title,
  }));
}

/** What would be marked, or marks it where that is what the person was shown. */
export async function otherHistory(
  context: UseContext,
  { expectedIds, tool, direction }: OtherHistoryParams,
): Promise<Answer<PlannedHistory>> {
  if (expectedIds === null) return planOtherHistory(context, { tool, direction });
  const moved = await moveHistory(context, { tool, direction }, ({ ids }) =>
    Promise.resolve(ids.join('\n') === expectedIds.join('\n')),
  );
  if (moved.kind === 'refused') return moved;
  return moved.value === undefined ? refused({ code: 'changed-meanwhile' }) : done(moved.value);
}

/** Names of the backups beside a database, newest first. */
export async function backupNames(context: UseContext): Promise<Outcome<readonly string[]>> {
  return outcomeOf(await listBackups(context), (backups) => backups.map(({ name }) => name).toReversed());
}

export async function restoreNamed(context: UseContext, { name }: RestoreParams): Promise<Outcome<string>> {
  return outcomeOf(
    await restoreBackup(context, name, () => Promise.resolve(true)),
    (restored) => restored?.before.name ?? '',
  );
}

/** How each database of a fleet stands, or what applying to them did. */
export async function fleetAnswer(
  context: UseContext,
  { fleet, action, confirmed }: FleetParams,
  signal: AbortSignal,
): Promise<Outcome<FleetAnswer>> {
  const { project, outside, isTrusted } = context;
  if (!isTrusted) return refusedWords({ reason: { code: 'not-trusted' } });
  const setting = project.settings.fleets?.[fleet];
  const list = setting?.env === undefined ? undefined : outside.environmentVariable(setting.env);
  if (list === undefined || list.trim() === '')
    return {
      ok: false,
      message: `The databases of ${fleet} are not known: ${setting?.env === undefined ? 'name the variable that holds them below "fleets" in lockstep.jsonc' : `the environment variable ${setting.env} is not set`}.`,
    };
  const databases = fleetOf(project, list, project.root, setting?.environment ?? null);
  if ('problem' in databases) return { ok: false, message: databases.problem };
  const isProtected = databases.some(({ named }) => named.environment === PROTECTED);
  if (action === 'apply' && isProtected && confirmed !== fleet)
    return {
      ok: false,
      message: `${fleet} has databases that are production, and its name was not typed, so nothing was done.`,
    };
  const wave = setting?.wave ?? WAVE;
  const report =
    action === 'status'
      ? await fleetStatus(context, { fleet, databases, wave })
      : await applyFleet(
          context,
          { fleet, databases, wave, extent: { kind: 'all' } },
          { onReport: () => Promise.resolve(), isConfirmed: isProtected, signal },
        );
  return {
    ok: true,
    value: {
      text: fleetText(report),
      databases: databases.length,
      isGood: report.databases.every(isGood),
      isProtected,
    },
  };
}
