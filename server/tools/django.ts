import { BACK, djangoLanguage, irreversibleIn, runSql } from '../languages/django/django-language.ts';
import { djangoMigrationIn, type DjangoMigration } from '../languages/django/django-migration.ts';
import type { Directives } from '../model/directives.ts';
import { byEngine, type EngineId } from '../model/engine-id.ts';
import type { DocumentLayout } from '../model/migration.ts';
import { dialectNamed } from './blocks/configuration-text.ts';
import { fileFormat, slugOf } from './blocks/file-format.ts';
import { headsOf, inCircles, inOrder, type Graph } from './blocks/graph.ts';
import { keptByPath } from './blocks/kept-by-path.ts';
import { ownCommand, ownSection, programOf, urlVariableIn } from './blocks/own-command.ts';
import { rowHistory, timeOf } from './blocks/row-history.ts';
import type { FileTree, FolderView } from './file-tree.ts';
import { joinPath } from './folder.ts';
import type { Format, WrittenStep } from './format.ts';
import { downText, stepHeader } from './step-text.ts';
import { CERTAINTY, type Tool, type ToolProject } from './tool.ts';

/** Unless it is told otherwise. */
const HISTORY_TABLE = 'django_migrations';

/** Source: https://github.com/django/django, django/db/migrations/loader.py and recorder.py; version 3.2.25 was run. */
const FILE = /^(?![_~])\w+\.py$/;
const MARK = /\bclass Migration\(.*\bMigration\):/;

/** The program that an app's migrations belong to, as far as literals tell. */
interface Site {
  /** Folder of manage.py; undefined where there is none. */
  readonly folder: string | undefined;
  readonly dialect?: EngineId;
  /** A product that no engine reads. */
  readonly isOther?: true;
  readonly variable?: string;
  readonly program: string;
}

/** Django: a class for each migration, in a folder for each app; its own command applies and reverts. */
export const django: Tool = {
  id: 'django',
  title: 'Django',
  tellingTables: [{ table: HISTORY_TABLE, columns: ['app', 'name', 'applied'] }],
  configurationFiles: ['manage.py', 'settings.py', 'apps.py'],
  sidecarFiles: [],
  async find(tree) {
    const found: ToolProject[] = [];
    for (const view of await tree.walk()) {
      if (!(await isOwn(tree, view))) continue;
      const site = await siteOf(tree, view.path);
      // A product that no engine reads is told by name, as a tool that is not read is.
      if (site.isOther !== true)
        found.push(projectOf(view.path, await labelOf(tree, view.path), site, CERTAINTY.marker));
    }
    return found;
  },
  async at(tree, folder) {
    const view = (await tree.folder(folder)) ?? { path: folder, files: [], folders: [] };
    const site = await siteOf(tree, folder);
    const isFound = site.isOther !== true && (await isOwn(tree, view));
    return projectOf(folder, await labelOf(tree, folder), site, isFound ? CERTAINTY.marker : 0);
  },
};

async function isOwn(tree: FileTree, { path, files }: FolderView): Promise<boolean> {
  const names = files.filter((name) => FILE.test(name));
  if (!/(?:^|\/)\w*migrations\w*$/.test(path) && !names.some((name) => /^\d{4}_/.test(name))) return false;
  for (const name of names.slice(-2)) if (MARK.test((await tree.text(joinPath(path, name))) ?? '')) return true;
  return false;
}

/** The app's label: what its configuration says, else its folder's name. */
async function labelOf(tree: FileTree, migrations: string): Promise<string> {
  const app = parentOf(migrations);
  const configuration = app === undefined ? '' : ((await tree.text(joinPath(app, 'apps.py'))) ?? '');
  const said = (name: string): string | undefined =>
    new RegExp(`^[ \\t]+${name}\\s*=\\s*["']([\\w.]+)["']`, 'm').exec(configuration)?.[1];
  return said('label') ?? said('name')?.split('.').at(-1) ?? app?.split('/').at(-1) ?? '';
}

/** What the settings say of the database; nothing of them is run. */
async function siteOf(tree: FileTree, migrations: string): Promise<Site> {
  for (let folder = parentOf(migrations); folder !== undefined; folder = parentOf(folder)) {
    const view = await tree.folder(folder);
    if (view?.files.includes('manage.py') !== true) continue;
    const settings: string[] = [];
    for (const name of view.folders)
      for (const place of [joinPath(folder, name), joinPath(folder, `${name}/settings`)])
        for (const file of (await tree.folder(place))?.files ?? [])
          if (/^settings\w*\.py$/.test(file) || (place.endsWith('/settings') && file.endsWith('.py')))
            settings.push((await tree.text(joinPath(place, file))) ?? '');
    const text = settings.join('\n');
    const engines = new Set(
      [...text.matchAll(/["']?ENGINE["']?\s*[:=]\s*["']([\w.]+)["']/g)].map(
        ([, name = '']) => name.split('.').at(-1) ?? '',
      ),
    );
    const dialects = new Set([...engines].map((name) => dialectNamed(name)));
    const [dialect] = dialects;
    const isDefault = /\bdj_database_url\b|\benv\.db(?:_url)?\(/.test(text) ? 'DATABASE_URL' : undefined;
    const variable = urlVariableIn(text) ?? isDefault;
    return {
      folder,
      ...(dialects.size === 1 && dialect !== undefined ? { dialect } : {}),
      ...(dialects.size === 1 && dialect === undefined ? { isOther: true as const } : {}),
      ...(variable === undefined ? {} : { variable }),
      program: await programOf(tree, folder, 'python'),
    };
  }
  return { folder: undefined, program: 'python' };
}

function parentOf(path: string): string | undefined {
  return path === '' ? undefined : path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

function namesOf(label: string): { readonly title: string; readonly apply: string } {
  return { title: 'Django', apply: `python manage.py migrate ${label}` };
}

function projectOf(folder: string, label: string, site: Site, certainty: number): ToolProject {
  const { dialect, variable, program } = site;
  return {
    tool: django,
    folder,
    certainty,
    applier: ownCommand({
      ...namesOf(label),
      list: `python manage.py showmigrations ${label}`,
      revert: `python manage.py migrate ${label} NAME`,
      variable: site.folder === undefined ? undefined : variable,
      folder: site.folder ?? '',
      words: ({ target }) => [[program, 'manage.py', 'migrate', '--noinput', label, target ?? 'zero']],
    }),
    problems: [],
    ...(dialect === undefined ? {} : { dialect }),
    format: formatOf(folder, label),
    history: rowHistory({
      table: HISTORY_TABLE,
      lateArrival: 'runs',
      columns: (engine) =>
        byEngine(engine, {
          postgresql: [
            'id bigint NOT NULL PRIMARY KEY GENERATED BY DEFAULT AS IDENTITY',
            'app varchar(255) NOT NULL',
            'name varchar(255) NOT NULL',
            'applied timestamp with time zone NOT NULL',
          ],
          sqlite: [
            '"id" integer NOT NULL PRIMARY KEY AUTOINCREMENT',
            '"app" varchar(255) NOT NULL',
            '"name" varchar(255) NOT NULL',
            '"applied" datetime NOT NULL',
          ],
        }),
      needs: ['app', 'name', 'applied'],
      order: 'id',
      key: (migration) => migration.id,
      where: (migration) => ({ app: label, name: migration.id }),
      mayBeSeveral: true,
      row: (migration, _folder, { startedAt, finishedAt }, { dialect: engine }) => {
        const at = finishedAt ?? startedAt;
        return {
          app: label,
          name: migration.id,
          applied: byEngine<() => Date | string>(engine, {
            postgresql: () => at,
            // As Django's own adapter writes it.
            sqlite: () => at.toISOString().replace('T', ' ').replace('Z', ''),
          })(),
        };
      },
      fact: (row) => {
        if (row['app'] !== label) return undefined;
        const appliedAt = timeOf(row['applied']);
        return { key: String(row['name']), ...(appliedAt === undefined ? {} : { appliedAt }) };
      },
    }),
  };
}

function formatOf(folder: string, label: string): Format {
  const headers = keptByPath((text): Pick<DjangoMigration, 'isMigration' | 'dependencies' | 'replaces'> => {
    const { isMigration, dependencies, replaces } = djangoMigrationIn(text);
    return { isMigration, dependencies, replaces };
  });
  /** What each comes after, within the app. */
  const graphOf = (
    migrations: readonly { readonly id: string; readonly path: string }[],
    texts: ReadonlyMap<string, string>,
  ): Graph =>
    new Map(
      migrations.map(({ id, path }) => [
        id,
        headers(path, texts.get(path) ?? '')
          .dependencies.filter(([app]) => app === label)
          .map(([, name]) => name),
      ]),
    );
  return {
    ...fileFormat({
      folder,
      keyWord: 'name',
      isSidecar: (name) => FILE.test(name),
      read: (file, text, path) => {
        if (!FILE.test(file) || (text !== undefined && !headers(joinPath(folder, path), text).isMigration))
          return undefined;
        const id = file.replace(/\.py$/, '');
        return { key: id, id, name: id.replace(/^\d+_/, ''), half: 'both' };
      },
      arrange: (migrations, others) =>
        inOrder(
          graphOf(
            migrations.toSorted((left, right) => (left.id < right.id ? -1 : 1)),
            others,
          ),
        ),
      check: (migrations, texts) => {
        const graph = graphOf(
          migrations.map(({ id, upPath: path }) => ({ id, path })),
          texts,
        );
        const pathOf = (id: string): string => migrations.find((each) => each.id === id)?.upPath ?? '';
        const heads = headsOf(graph);
        const squashed = migrations.find(({ upPath }) => headers(upPath, texts.get(upPath) ?? '').replaces.length > 0);
        return [
          ...inCircles(graph).map((id) => ({
            path: pathOf(id),
            message: `${id} comes after itself, by the dependencies of what is between: Django refuses all of them.`,
            stopsRuns: true,
          })),
          ...[...graph].flatMap(([id, before]) =>
            before
              .filter((each) => !graph.has(each) && !/^__(?:first|latest)__$/.test(each))
              .map((each) => ({
                path: pathOf(id),
                message: `${id} comes after ${each}, which no file here has: Django refuses all of them. Bring the file back, or correct its dependencies.`,
                stopsRuns: true,
              })),
          ),
          ...(heads.length > 1 && squashed === undefined
            ? [
                {
                  path: pathOf(heads.at(-1) ?? ''),
                  message: `There are ${heads.length} newest migrations, ${heads.join(', ')}, which Django refuses: join them by "python manage.py makemigrations --merge".`,
                  stopsRuns: true,
                },
              ]
            : []),
          ...(squashed === undefined
            ? []
            : [
                {
                  path: squashed.upPath,
                  message: `${squashed.id} stands for others, by "replaces": which of them Django takes depends on the database, and status here says of each only whether the history has it.`,
                },
              ]),
        ];
      },
      layout: (_path, text, _dialect, _others, own) => layoutOf(text, label, own),
      numbering: { kind: 'sequence', digits: 4 },
      numberOf: (id) => /^\d{4}/.exec(id)?.[0],
      write: (number, step, _dialect, _texts, before) => {
        const id = `${number}_${slugOf(step)}`;
        return { id, files: [{ name: `${id}.py`, half: 'both', text: migrationText(label, before, step) }] };
      },
    }),
    languageOf: () => djangoLanguage,
  };
}

function layoutOf(text: string, label: string, own: Directives): DocumentLayout {
  const { body, bare } = djangoMigrationIn(text);
  if (body === undefined) return { sections: [], problems: [] };
  const rule = bare === undefined ? 'one' : 'none';
  const marker = bare === undefined ? {} : { markerSpan: bare };
  // Without a way back of one operation Django refuses to go back at all; a reason that is given is read there.
  const down = irreversibleIn(text) === undefined || own.irreversible !== undefined;
  return {
    sections: [
      ownSection('up', body, rule, namesOf(label), marker),
      ...(down ? [ownSection('down', body, rule, namesOf(label), { ...marker, turn: BACK })] : []),
    ],
    problems: [],
  };
}

function migrationText(label: string, before: string | undefined, step: WrittenStep): string {
  const comment = (text: string): string => text.replaceAll(/^--/gm, '#').replaceAll(/^(?=.)/gm, '        ');
  const bare = step.transaction === 'none' ? '    atomic = False\n\n' : '';
  const why = step.down === undefined ? comment(downText(step) ?? '') : '';
  const dependencies = before === undefined ? '[]' : `[("${label}", "${before}")]`;
  return `from django.db import migrations\n\n\nclass Migration(migrations.Migration):\n${bare}    dependencies = ${dependencies}\n\n    operations = [\n${comment(stepHeader(step))}${why}${runSql(step.up, step.down)}    ]\n`;
}
