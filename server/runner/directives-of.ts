import { readDirectives, type Directives } from '../model/directives.ts';
import type { MigrationFile } from '../model/migration.ts';
import { partOf } from '../tools/section-of.ts';
import type { RunnerProject } from './runner.ts';

/** What a migration's headers say: those of its own part, where its document holds several. */
export function directivesOf(project: RunnerProject, migration: MigrationFile): Directives {
  const text = project.textOf(migration.upPath) ?? '';
  // Most documents say nothing, and need not be taken apart to see it.
  if (!text.includes('lockstep:')) return readDirectives('');
  const part = partOf(project.format.layout(migration.upPath, text, project.dialect.id), migration, text);
  return readDirectives(text.slice(part.start, part.end));
}

/** The same by the migration's id. */
export function directivesOfId(project: RunnerProject, id: string): Directives {
  const migration = project.migrations.migrations.find((candidate) => candidate.id === id);
  return migration === undefined ? readDirectives('') : directivesOf(project, migration);
}
