import { lossesOf } from '../../analysis/losses.ts';
import { impactLine } from '../../analysis/impact.ts';
import { isHalfOf } from '../documents.ts';
import type { FolderProject } from '../folder-project.ts';
import type { Section } from '../../model/migration.ts';

/** What a person has to know of a migration before it runs. */
export interface RunCheck {
  readonly id: string;
  /** Of the half that would run, relative to the project's root. */
  readonly path: string;
  readonly errors: readonly {
    readonly code: string;
    readonly message: string;
    readonly position: { readonly line: number; readonly character: number };
  }[];
  readonly warnings: number;
  /** `ACCESS EXCLUSIVE on users · rewrites`, one for each that keeps others waiting. */
  readonly locks: readonly string[];
  /** What the half destroys, such as `column nick of users with its values`; of the way back only. */
  readonly losses: readonly string[];
}

/** What each migration destroys on the way back: those of which nothing is known to be lost say so by an empty list. */
export function revertLosses(
  project: FolderProject,
  ids: readonly string[],
): readonly Pick<RunCheck, 'id' | 'losses'>[] {
  const checks = new Map(runChecks(project, 'down', ids).map((check) => [check.id, check.losses]));
  return ids.map((id) => ({ id, losses: checks.get(id) ?? [] }));
}

/** What a person has to know of each migration before it runs: what its half locks, and the errors that are found in it. */
export function runChecks(
  project: FolderProject,
  direction: 'up' | 'down',
  ids: readonly string[],
): readonly RunCheck[] {
  return ids.flatMap((id): RunCheck[] => {
    const migration = project.migrations.migrations.find((each) => each.id === id);
    const path = direction === 'up' ? migration?.upPath : migration?.downPath;
    if (path === undefined || project.textOf(path) === undefined) return [];
    const isOfRun = (section: Section): boolean =>
      section.direction === direction && (migration === undefined || isHalfOf(section, migration));
    const { statements } = project.analysed(path);
    const findings = project.lint(path).findings.filter((finding) => {
      const section = statements[finding.statement]?.section;
      return section === undefined || isOfRun(section);
    });
    const locks = project.impacts(path).flatMap(({ statement, effects }) => {
      const line = isOfRun(statement.section) ? impactLine(effects) : undefined;
      return line === undefined ? [] : [line];
    });
    return [
      {
        id,
        path,
        errors: findings
          .filter((finding) => finding.severity === 'error')
          .map((finding) => ({ code: finding.code, message: finding.message, position: finding.range.start })),
        warnings: findings.filter((finding) => finding.severity === 'warning').length,
        locks: [...new Set(locks)],
        losses: direction === 'up' ? [] : lossesOf(statements.filter(({ section }) => isOfRun(section))),
      },
    ];
  });
}
