import type { MigrationStatus, StatusReport } from '../../runner/report.ts';
import { readStatus } from '../../runner/status.ts';
import { readDatabaseFacts } from '../database-facts.ts';
import { done, type Answer } from './answer.ts';
import { invalidIndexes } from './invalid-indexes.ts';
import type { UseContext } from './use-context.ts';
import { withDatabase } from './with-database.ts';

/** One way on from what is wrong, with the command that takes it. */
export interface RepairWay {
  /** `mark`, `unmark`: what the history says; `run`: what was begun goes on; `sql`: sent by a person; `file`: done in the folder. */
  readonly kind: 'mark' | 'unmark' | 'accept' | 'run' | 'sql' | 'file' | 'own-command';
  /** When this is the one: a clause. */
  readonly when: string;
  /** The command line, the SQL, or what is to be done: for people. */
  readonly command: string;
}

/** One thing that is not as it should be. Steps are in the order in which they are best done. */
export interface RepairStep {
  readonly code: 'failed' | 'missing' | 'drifted' | 'invalid-index';
  /** Of the migration; null for what belongs to none. */
  readonly id: string | null;
  /** What is wrong: sentences. */
  readonly message: string;
  readonly ways: readonly RepairWay[];
}

/** What of a database's state needs a person, step by step, with the ways on from each. Nothing is written. */
export async function repairSteps(context: UseContext): Promise<Answer<readonly RepairStep[]>> {
  const { project } = context;
  await project.refresh();
  return withDatabase(context, { readOnly: true }, async (connection) => {
    const status = await readStatus(project, connection, null);
    const invalid = invalidIndexes(await readDatabaseFacts(project, connection));
    return done([
      ...ofState(status, 'failed').map((migration) => failedStep(context, migration)),
      ...invalid.map(
        ({ name, table }): RepairStep => ({
          code: 'invalid-index',
          id: null,
          message: `The index ${name} on ${table ?? 'its table'} is invalid: a build of it failed. It costs every write and serves no read.`,
          ways: [
            {
              kind: 'sql',
              when: 'nobody builds it at this moment',
              command: `DROP INDEX CONCURRENTLY "${name.replaceAll('"', '""')}";`,
            },
          ],
        }),
      ),
      ...ofState(status, 'missing').map(missingStep),
      ...ofState(status, 'drifted').map(driftedStep),
    ]);
  });
}

function ofState({ migrations }: StatusReport, state: MigrationStatus['state']): readonly MigrationStatus[] {
  return migrations.filter((migration) => migration.state === state);
}

function failedStep({ project }: UseContext, { id, goesOnBy, note }: MigrationStatus): RepairStep {
  const { history, tool, applier } = project;
  const message = `${id} was begun and did not end.${note === null ? '' : ` ${note}`}`;
  if (history.isReadOnly === true) {
    const command = applier.kind === 'command' ? applier.apply : `${tool.title}'s own command`;
    return {
      code: 'failed',
      id,
      message,
      ways: [{ kind: 'own-command', when: `${tool.title} alone writes its history`, command }],
    };
  }
  const marks: readonly RepairWay[] = [
    { kind: 'mark', when: 'the database has all of it', command: `lockstep mark ${id}` },
    { kind: 'unmark', when: 'the database has nothing of it, or no more', command: `lockstep unmark ${id}` },
  ];
  const run: readonly RepairWay[] =
    goesOnBy === undefined
      ? []
      : [
          {
            kind: 'run',
            when: 'what stopped it is put right: it goes on where it ended',
            command: `lockstep ${goesOnBy === 'apply' ? 'apply --next' : 'revert --last'}`,
          },
        ];
  return { code: 'failed', id, message, ways: [...run, ...marks] };
}

function missingStep({ id }: MigrationStatus): RepairStep {
  return {
    code: 'missing',
    id,
    message: `${id} was applied and has no file here.`,
    ways: [
      {
        kind: 'file',
        when: 'it was renamed, or is on another branch',
        command: `bring the file of ${id} back under its name`,
      },
      { kind: 'unmark', when: 'it is gone for good, and what it made too', command: `lockstep unmark ${id}` },
    ],
  };
}

function driftedStep({ id, paths }: MigrationStatus): RepairStep {
  return {
    code: 'drifted',
    id,
    message: `${id} was edited after it was applied.`,
    ways: [
      { kind: 'file', when: 'the edit was a mistake', command: `undo the edit of ${paths[0] ?? id}` },
      {
        kind: 'accept',
        when: 'the edit changes nothing in the database',
        command: `lockstep accept ${id} --reason "WHY"`,
      },
    ],
  };
}
