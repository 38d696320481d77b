import { NO_DIRECTIVES, type Directives } from '../model/directives.ts';
import type { MigrationFile } from '../model/migration.ts';
import type { RunnerProject } from './runner.ts';

/** What a migration's headers say: those of its own part, where its document holds several. */
export function directivesOf(project: RunnerProject, migration: MigrationFile): Directives {
  return project.headersOf(migration.upPath)?.directivesOf(migration) ?? NO_DIRECTIVES;
}

/** The same by the migration's id. */
export function directivesOfId(project: RunnerProject, id: string): Directives {
  const migration = project.migrations.migrations.find((candidate) => candidate.id === id);
  return migration === undefined ? NO_DIRECTIVES : directivesOf(project, migration);
}
