import type { FileReport } from '../../analysis/report.ts';
import type { FolderProject } from '../../application/folder-project.ts';
import type { OpenedProjects } from '../../application/open-project.ts';
import { changedSince } from '../git.ts';
import { EXIT, UsageError } from '../exit-codes.ts';
import { github, gitlab, json, junit, sarif } from '../reporters/lint-formats.ts';
import { lintReport } from '../reporters/lint-report.ts';
import { lintText } from '../reporters/lint-text.ts';
import { ruleCounts } from '../reporters/rule-counts.ts';
import { refuseUnread, type Session } from '../session.ts';
import { unreadSentence } from '../../tools/find-unread.ts';
import { VERSION } from '../version.ts';

/** Weakest severity that fails the command, by its word; a lower number is graver. */
const RANK: Readonly<Record<string, number>> = { error: 0, warning: 1, info: 2, hint: 2 };

/** `lint [PATH...]`: findings of every migration, or of those that are named, changed or pending. */
export async function lint(session: Session): Promise<number> {
  const { arguments: words, terminal } = session;
  const format = words.choice('format', ['text', 'json', 'sarif', 'github', 'gitlab', 'junit']);
  const failOn = words.choice('fail-on', ['error', 'warning', 'info', 'never']);
  const opened = await session.open(words.positionals);
  const { projects } = opened;
  if (projects.length === 0) {
    refuseUnread(opened.unread);
    throw new UsageError(
      words.positionals.length === 0
        ? `no migrations were found below ${session.root}: name their folder, here or in lockstep.jsonc`
        : `no SQL files were found in ${words.positionals.join(', ')}: name a folder of migrations or a .sql file`,
    );
  }
  const rules = session.ruleCodes();
  for (const project of projects) {
    if (words.flag('pending') && (project.unreadProduct === undefined || projects.length === 1)) {
      await using connection = await session.connect(project);
      await session.attach(project, connection);
    } else await session.useServer(project);
  }
  const base = words.text('base');
  const since = base === undefined ? undefined : await changedSince(session.root, base);
  const changed = since?.changed;
  if (since !== undefined) {
    for (const project of projects) {
      const fresh = project.migrations.migrations.filter(
        (migration) => since.changed.has(migration.upPath) && !since.edited.has(migration.upPath),
      );
      project.setUnreleased(new Set(fresh.map((migration) => migration.id)));
      project.setEdited(since.edited);
    }
  }
  const seen = new Set<string>();
  const reports: FileReport[] = [];
  const texts = new Map<string, string>();
  const isWanted = (path: string): boolean => changed === undefined || changed.has(path);
  await opened.codeSearch.search(
    projects.flatMap((project) =>
      pathsOf(project, words.positionals, session.root)
        .filter(isWanted)
        .flatMap((path) => project.soughtNames(path)),
    ),
  );
  for (const project of projects) {
    for (const path of pathsOf(project, words.positionals, session.root)) {
      if (seen.has(path) || !isWanted(path)) continue;
      seen.add(path);
      texts.set(path, project.textOf(path) ?? '');
      const report = project.lint(path);
      reports.push(
        rules.size === 0
          ? report
          : { ...report, findings: report.findings.filter((finding) => rules.has(finding.code)) },
      );
    }
  }
  if (words.positionals.length === 0)
    for (const report of await sourceReports(projects)) {
      const findings = report.findings.filter(({ code }) => rules.size === 0 || rules.has(code));
      if (findings.length === 0 || !isWanted(report.path)) continue;
      texts.set(report.path, await session.machine.files.readText(`${session.root}/${report.path}`));
      reports.push({ ...report, findings });
    }
  if (words.positionals.length === 0 && rules.size === 0)
    reports.push(
      ...projects.flatMap((project) => folderReports(project, seen)).filter((report) => isWanted(report.path)),
    );
  const isNarrowed = base !== undefined || rules.size > 0 || words.flag('pending');
  const empty = projects.filter((project) => project.migrations.migrations.length === 0);
  if (words.positionals.length === 0 && empty.length > 0) throw new UsageError(nothingIn([], empty));
  const silent = words.positionals.filter((word) =>
    projects.every((project) => pathsOf(project, [word], session.root).length === 0),
  );
  if (silent.length > 0 && projects.some((project) => project.migrations.migrations.length > 0))
    throw new UsageError(nothingIn(silent, projects));
  if (reports.length === 0 && !isNarrowed) throw new UsageError(nothingIn(words.positionals, projects));
  // What was not looked at is no part of a clean result.
  if (!isNarrowed)
    for (const each of opened.unread) terminal.writeError(`lockstep: not linted: ${unreadSentence(each)}\n`);
  const report = lintReport(reports);
  const counts = words.flag('summary') ? ruleCounts(reports) : undefined;
  switch (format) {
    case 'text':
      terminal.write(
        lintText(report, {
          colors: session.colors,
          textOf: (path) => texts.get(path) ?? '',
          isWhole:
            words.positionals.length === 0 &&
            base === undefined &&
            !words.flag('pending') &&
            projects.every((project) => project.settings.startAfter === undefined),
          isConfigured: opened.settingsFile !== undefined,
          ...(counts === undefined ? {} : { counts }),
        }),
      );
      break;
    case 'json':
      terminal.write(
        json({
          ...report,
          ...(counts === undefined ? {} : { rules: counts }),
          ...(opened.unread.length === 0 ? {} : { unread: opened.unread.map(unreadEntry) }),
        }),
      );
      break;
    case 'sarif':
      terminal.write(sarif(report, VERSION));
      break;
    case 'github':
      terminal.write(github(report));
      break;
    case 'gitlab':
      terminal.write(gitlab(report));
      break;
    case 'junit':
      terminal.write(junit(report));
      break;
  }
  if (failOn === 'never') return EXIT.done;
  const least = RANK[failOn] ?? 0;
  const isFailed = reports.some(
    (file) =>
      file.findings.some((finding) => (RANK[finding.severity] ?? 0) <= least) ||
      file.problems.some((problem) => problem.kind === 'syntax'),
  );
  return isFailed ? EXIT.findings : EXIT.done;
}

/** Migrations that were not looked at, as JSON has them. */
function unreadEntry(each: OpenedProjects['unread'][number]): object {
  return { tool: each.tool.title, folders: each.folders, message: unreadSentence(each) };
}

/** Nothing found where a person pointed is no success. */
function nothingIn(named: readonly string[], projects: readonly FolderProject[]): string {
  const tools = projects.map((project) => project.tool.title).join(', ');
  return named.length === 0
    ? `no migrations are in ${projects.map((project) => project.folder || '.').join(', ')}: correct the folder in lockstep.jsonc`
    : `no migration of ${tools} is in ${named.join(', ')}: name a migration, or the folder that holds them`;
}

/** What is said of the programs that the migrations belong to; of one that several folders share, once. */
async function sourceReports(projects: readonly FolderProject[]): Promise<readonly FileReport[]> {
  const all = (await Promise.all(projects.map((project) => project.lintSources()))).flat();
  return [...new Map(all.map((report) => [report.path, report])).values()];
}

/** What is wrong with a folder itself, on the file that it is about: two migrations of one number, a file that is not run. */
function folderReports(project: FolderProject, linted: ReadonlySet<string>): readonly FileReport[] {
  return project.migrations.problems
    .filter((problem) => !linted.has(problem.path))
    .map((problem) => ({
      path: problem.path,
      tool: project.tool.id,
      ...(project.unreadProduct === undefined
        ? { dialect: project.engine.id, serverVersion: project.engine.formatVersion(project.target.version) }
        : { dialect: null, unreadProduct: project.unreadProduct, serverVersion: '' }),
      phase: null,
      problems: [],
      findings: [
        {
          code: 'folder',
          severity: 'warning',
          message: problem.message,
          range: { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } },
          relation: null,
          statement: -1,
          docs: 'RULES.md',
          fixes: [],
          related: [],
        },
      ],
    }));
}

/** Documents of a project, up half before down half; only the named files where files were named. */
export function pathsOf(project: FolderProject, named: readonly string[], root: string): readonly string[] {
  const all = [
    ...new Set(
      project.migrations.migrations.flatMap((migration) => [
        migration.upPath,
        ...(migration.downPath === undefined ? [] : [migration.downPath]),
      ]),
    ),
  ];
  if (named.length === 0) return all;
  const wanted = named.map((path) =>
    (path.startsWith('/') ? path : `${root}/${path}`).replaceAll('/./', '/').replace(/\/$/, ''),
  );
  return all.filter((path) =>
    wanted.some((candidate) => {
      const absolute = normalise(`${root}/${path}`);
      return absolute === normalise(candidate) || absolute.startsWith(`${normalise(candidate)}/`);
    }),
  );
}

function normalise(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}
