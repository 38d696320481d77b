import type { Engine } from '../../engines/engine.ts';
import type { RunEvent } from '../../runner/report.ts';
import { dueOf, runScript } from '../../runner/run-script.ts';
import { DEFAULT_RUN_SETTINGS, doneEvent, type DoneEvent } from '../../runner/runner.ts';
import type { GuardedScript } from '../../tools/guarded-script.ts';
import { TOOLS } from '../../tools/registry.ts';
import type { FolderProject } from '../folder-project.ts';
import { runSettingsOf } from '../run-settings.ts';
import type { Refused } from './answer.ts';
import type { Agreement } from './run-migrations.ts';
import type { NamedDatabase } from './project-database.ts';
import { environmentOn, unconfirmed } from './production.ts';
import { auditorOf } from './auditor-of.ts';
import { loggingCommand } from '../../runner/log-command.ts';
import type { Outside, UseContext } from './use-context.ts';
import { withSession } from './with-database.ts';

/** A script that a person names, and where it is to be run. */
export interface ScriptWish {
  /** As a person gave it. */
  readonly path: string;
  readonly text: string;
  readonly direction: 'up' | 'down';
  readonly named: NamedDatabase;
  readonly engine: Engine;
  /** The projects of the place, which a script may be of; none where it stands alone. */
  readonly projects: readonly FolderProject[];
}

/** The script is not run: a sentence that says what it is. */
export interface NoScript {
  readonly kind: 'no-script';
  readonly why: string;
}

/** A script that can be run, with the project that it is of, where that is here. */
export interface ReadWish extends ScriptWish {
  readonly kind: 'read';
  readonly script: GuardedScript;
  readonly project?: FolderProject;
}

/** Reads a script without any database. */
export function readScript(wish: ScriptWish): ReadWish | NoScript {
  const no = (why: string): NoScript => ({ kind: 'no-script', why });
  const read = TOOLS.map((tool) => tool.readScript?.(wish.text, wish.engine)).find((each) => each !== undefined);
  if (read === undefined)
    return no(
      'It is no script that a migration tool made to be run more than once: make one by "dotnet ef migrations script --idempotent" or "lockstep script --idempotent".',
    );
  if ('refused' in read) return no(read.refused);
  const script = read.guarded;
  if (script.direction !== wish.direction)
    return no(
      script.direction === 'up'
        ? 'It applies migrations and reverts none: run it by "lockstep apply --script".'
        : 'It reverts migrations and applies none: run it by "lockstep revert --script".',
    );
  const of = ownerOf(script, wish.projects);
  return typeof of === 'string'
    ? no(of)
    : { ...wish, kind: 'read', script, ...(of === undefined ? {} : { project: of }) };
}

/** The project that a script was made of; a sentence where projects are here that it cannot be of. */
function ownerOf(script: GuardedScript, all: readonly FolderProject[]): FolderProject | string | undefined {
  const projects = all.filter(
    ({ tool, unreadProduct }) => tool.readScript !== undefined && unreadProduct === undefined,
  );
  if (projects.length === 0) return undefined;
  const lacking = projects.map((project) => {
    const known = new Set(project.migrations.migrations.map(({ id }) => id.toLowerCase()));
    return { project, ids: script.ids.filter((id) => !known.has(id.toLowerCase())) };
  });
  const best = lacking.reduce((least, next) => (next.ids.length < least.ids.length ? next : least));
  const [first] = best.ids;
  if (first === undefined) return best.project;
  return `It has ${first}, which ${projects.length === 1 ? `the migrations in ${best.project.folder} do not have` : 'no project here has'}: it was made of another version or another context. Make it of what is here, or run it where no such project is.`;
}

/** What a script would do. */
export interface PlannedScript {
  readonly kind: 'planned';
  readonly ids: readonly string[];
  /** Why it would be refused: an event of a run that did nothing. */
  readonly refused: DoneEvent | undefined;
}

export interface ScriptHooks {
  readonly onEvent: (event: RunEvent) => void;
  readonly agree?: Agreement;
  /** As in `UseContext`. */
  readonly confirmName?: UseContext['confirmName'];
  readonly signal?: AbortSignal;
}

/** What of a script is due on its database; nothing is written. */
export async function planScript(
  outside: Outside,
  wish: ReadWish,
  signal?: AbortSignal,
): Promise<PlannedScript | Refused> {
  return withSession(
    { outside, project: wish },
    wish.named,
    { readOnly: true },
    async (connection): Promise<PlannedScript> => {
      const due = await dueOf(wish, connection);
      return 'refused' in due
        ? { kind: 'planned', ids: [], refused: doneEvent(wish.direction, { failed: due.refused, refusal: 'request' }) }
        : { kind: 'planned', ids: due.ids, refused: undefined };
    },
    signal,
  );
}

/** Runs a script by Lockstep's own driver, and reads in the history what it did. */
export async function applyScript(
  outside: Outside,
  wish: ReadWish,
  { onEvent, agree, confirmName, signal }: ScriptHooks,
): Promise<{ readonly kind: 'ended'; readonly done: DoneEvent } | { readonly kind: 'declined' } | Refused> {
  return withSession(
    { outside, project: wish },
    wish.named,
    { readOnly: false },
    async (connection) => {
      let expectedIds: readonly string[] | undefined;
      const environment = await environmentOn(connection, wish.named);
      const due = await dueOf(wish, connection);
      const ids = 'refused' in due ? [] : due.ids;
      if (ids.length > 0) {
        const agreed = await agree?.({ database: connection.label, environment, ids, losses: [] });
        if (agreed === 'no') return { kind: 'declined' } as const;
        if (agreed === 'as-shown') expectedIds = ids;
        const refusedAs = await unconfirmed(
          confirmName === undefined ? {} : { confirmName },
          connection,
          wish.named,
          environment,
        );
        if (refusedAs !== undefined) return refusedAs;
      }
      const auditor = wish.project === undefined ? undefined : auditorOf({ project: wish.project, outside });
      const logged = { direction: wish.direction, ids, from: null };
      const done = await loggingCommand(connection, ids.length === 0 ? undefined : auditor, outside.clock, logged, () =>
        runScript({
          ...wish,
          connection,
          settings: wish.project === undefined ? DEFAULT_RUN_SETTINGS : runSettingsOf(wish.project),
          clock: outside.clock,
          onEvent,
          ...(expectedIds === undefined ? {} : { expectedIds }),
          ...(signal === undefined ? {} : { signal }),
        }),
      );
      return { kind: 'ended', done } as const;
    },
    signal,
  );
}
