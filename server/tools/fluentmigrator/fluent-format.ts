import type { FileChange, FileSystem } from '../../core/ports.ts';
import { fluentDocumentOf } from '../../languages/fluentmigrator/document-texts.ts';
import {
  executeSql,
  fluentMigratorLanguage,
  REVERSED_TURN,
} from '../../languages/fluentmigrator/fluentmigrator-language.ts';
import type { FluentMethod, FluentMigration } from '../../languages/fluentmigrator/migration-class.ts';
import { byEngine, type EngineId } from '../../model/engine-id.ts';
import type { DocumentLayout, MigrationFile, MigrationFolder, Section } from '../../model/migration.ts';
import { slugOf } from '../blocks/file-format.ts';
import { nextNumbers } from '../blocks/numbering.ts';
import { ownSection } from '../blocks/own-command.ts';
import { folderPath, joinPath } from '../folder.ts';
import type { Format, NewFiles, WriteRequest, WrittenStep } from '../format.ts';
import { stepHeader } from '../step-text.ts';

/** The tool's own command. */
export const COMMAND = { title: 'FluentMigrator', apply: 'dotnet fm migrate' };
/** How deep a folder is read: FluentMigrator finds classes in an assembly, wherever their files are. */
const MOST_DEPTH = 8;
/** What a file of it says of itself, before it is parsed. EF Core's attribute takes a text. */
export const MARK = /\[\s*(?:[\w.]+,\s*)?(?:FluentMigrator\.)?(?:Timestamped)?Migration(?:Attribute)?\(\s*(?!["@$])\S/;

export function fluentFormat(folder: string, keys: 'identity' | 'serial'): Format {
  const language = fluentMigratorLanguage({ keys });
  let known = new Set<string>();
  return {
    async list(files, root) {
      const listed = await listMigrations(files, root, folder);
      known = new Set(listed.migrations.map(({ upPath }) => upPath));
      return listed;
    },
    holds: (path) =>
      known.has(path) ||
      (/\.cs$/i.test(path) &&
        (folder === '' || path.startsWith(`${folder}/`)) &&
        /(?:^|\/)\w*\d{2}\w*\.cs$/.test(path)),
    layout: (_path, text, dialect) => layoutOf(text, dialect),
    languageOf: () => language,
    compareIds: compareNumbers,
    write: (request) => writeMigrations(request, folder),
    remove: (migration, texts) => {
      const text = texts.textOf(migration.upPath) ?? '';
      const all = fluentDocumentOf(text).migrations;
      const own = all.find(({ number }) => number === migration.id);
      return own === undefined || all.length < 2
        ? [{ path: migration.upPath, action: 'delete', text: '' }]
        : [
            {
              path: migration.upPath,
              action: 'edit',
              text: text.slice(0, own.span.start).trimEnd() + text.slice(own.span.end),
            },
          ];
    },
  };
}

function compareNumbers(left: string, right: string): number {
  if (!/^\d+$/.test(left) || !/^\d+$/.test(right)) return left === right ? 0 : left < right ? -1 : 1;
  const [a, b] = [BigInt(left), BigInt(right)];
  return a === b ? 0 : a < b ? -1 : 1;
}

async function listMigrations(files: FileSystem, root: string, folder: string): Promise<MigrationFolder> {
  const found: { readonly path: string; readonly migration: FluentMigration }[] = [];
  const problems: { path: string; message: string; stopsRuns?: boolean }[] = [];
  for (const path of await pathsBelow(files, root, folder, MOST_DEPTH)) {
    const text = await files.readText(`${root}/${path}`);
    if (!MARK.test(text)) continue;
    const { migrations, unnumbered } = fluentDocumentOf(text);
    for (const { name, attribute } of unnumbered)
      problems.push({ path, message: `The number of ${name} is not known, so that it is not listed: [${attribute}].` });
    for (const migration of migrations) {
      const twin = found.find(({ migration: { number } }) => number === migration.number);
      if (twin === undefined) found.push({ path, migration });
      else
        problems.push({
          path,
          message: `${migration.name} and ${twin.migration.name} have one number, ${migration.number}: FluentMigrator refuses to run. Give one of them a number of its own.`,
          stopsRuns: true,
        });
    }
  }
  found.sort((left, right) => compareNumbers(left.migration.number, right.migration.number));
  problems.push(...shorterNumbers(found));
  return {
    problems,
    migrations: found.map(({ path, migration }): MigrationFile => {
      const hasDown = migration.isReversedByItself || migration.down.some(({ isThrown }) => !isThrown);
      return {
        kind: 'versioned',
        id: migration.number,
        name: migration.name,
        upPath: path,
        ...(hasDown ? { downPath: path } : {}),
      };
    }),
  };
}

/** A day without a time of day is a smaller number than any with one, and so runs before all of these. */
function shorterNumbers(
  found: readonly { readonly path: string; readonly migration: FluentMigration }[],
): MigrationFolder['problems'] {
  const dated = found.filter(({ migration: { number } }) => /^(?:19|20)\d{6,}$/.test(number));
  const longest = Math.max(0, ...dated.map(({ migration: { number } }) => number.length));
  const first = dated.find(({ migration: { number } }) => number.length === longest)?.migration.number ?? '';
  return dated
    .filter(({ migration: { number } }) => number.length < longest && number > first.slice(0, number.length))
    .map(({ path, migration: { number } }) => ({
      path,
      message: `${number} runs before ${first}: FluentMigrator orders by number, and this one has fewer digits.`,
    }));
}

async function pathsBelow(files: FileSystem, root: string, folder: string, depth: number): Promise<readonly string[]> {
  let entries: Awaited<ReturnType<FileSystem['readDirectory']>>;
  try {
    entries = await files.readDirectory(folderPath(root, folder));
  } catch {
    // A folder that went away, or that may not be read, holds no migrations for us.
    return [];
  }
  const paths = entries
    .filter(({ kind, name }) => kind === 'file' && /\.cs$/i.test(name))
    .map(({ name }) => joinPath(folder, name))
    .sort();
  for (const { kind, name } of entries)
    if (kind === 'directory' && depth > 0 && !/^(?:bin|obj|node_modules|\..*)$/.test(name))
      paths.push(...(await pathsBelow(files, root, joinPath(folder, name), depth - 1)));
  return paths;
}

function layoutOf(text: string, dialect: EngineId): DocumentLayout {
  const { migrations } = fluentDocumentOf(text);
  const isAlone = migrations.length === 1;
  return {
    sections: migrations.flatMap((migration) => {
      const more = isAlone ? {} : { migration: migration.number };
      const sections = (direction: Section['direction'], methods: readonly FluentMethod[]): readonly Section[] =>
        methods
          .flatMap((method) => sectionsOf(method, direction, migration.bare, dialect))
          .map((section) => ({ ...section, ...more }));
      const reversed: readonly Section[] = migration.isReversedByItself
        ? migration.up.map(({ bodySpan }) => ({
            ...ownSection('down', bodySpan, migration.bare === undefined ? 'one' : 'none', COMMAND, {
              turn: REVERSED_TURN,
            }),
            ...more,
          }))
        : [];
      return [...sections('up', migration.up), ...sections('down', migration.down), ...reversed];
    }),
    problems: [],
  };
}

/** Without a transaction each expression is sent on its own. */
function sectionsOf(
  { bodySpan, steps }: FluentMethod,
  direction: Section['direction'],
  bare: Section['markerSpan'],
  dialect: EngineId,
): readonly Section[] {
  if (bare === undefined || steps.length === 0) return [ownSection(direction, bodySpan, 'one', COMMAND)];
  const transaction = byEngine<Section['transaction']>(dialect, { postgresql: 'implicit', sqlite: 'none' });
  return steps.map((_step, index) => {
    const start = index === 0 ? bodySpan.start : (steps[index - 1]?.span.end ?? bodySpan.start);
    const end = index === steps.length - 1 ? bodySpan.end : (steps[index]?.span.end ?? bodySpan.end);
    return ownSection(direction, { start, end }, transaction, COMMAND, { markerSpan: bare });
  });
}

function writeMigrations({ folder: texts, steps, now }: WriteRequest, folder: string): NewFiles {
  const { migrations: there } = texts.migrations;
  const numbers = nextNumbers(
    there.map(({ id }) => id),
    steps.length,
    now,
    { kind: 'timestamp' },
  );
  const newest = there.at(-1);
  const place = newest === undefined ? folder : newest.upPath.slice(0, Math.max(0, newest.upPath.lastIndexOf('/')));
  const namespace = /^\s*namespace\s+([\w.]+)/m.exec(texts.textOf(newest?.upPath ?? '') ?? '')?.[1] ?? 'Migrations';
  const taken = new Set(there.map(({ name }) => name.toLowerCase()));
  const migrations: MigrationFile[] = [];
  const changes: FileChange[] = [];
  for (const [index, step] of steps.entries()) {
    const number = numbers[index] ?? '';
    const name = freeName(className(slugOf(step)), taken);
    taken.add(name.toLowerCase());
    const path = joinPath(place, `${number}_${name}.cs`);
    migrations.push({
      kind: 'versioned',
      id: number,
      name,
      upPath: path,
      ...(step.down === undefined && step.irreversible === undefined ? {} : { downPath: path }),
    });
    changes.push({ path, action: 'create', text: classText(number, name, namespace, step) });
  }
  return { migrations, changes };
}

function className(slug: string): string {
  const name = slug.replaceAll(/(?:^|_+)([a-z0-9])/gi, (_, first: string) => first.toUpperCase()).replaceAll(/\W/g, '');
  return /^[A-Za-z]/.test(name) ? name : `M${name}`;
}

function freeName(name: string, taken: ReadonlySet<string>): string {
  for (let count = 1; ; count++) {
    const candidate = count === 1 ? name : `${name}${count}`;
    if (!taken.has(candidate.toLowerCase())) return candidate;
  }
}

function classText(number: string, name: string, namespace: string, step: WrittenStep): string {
  const comments = (text: string): string =>
    text
      .trimEnd()
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => `            ${line.replace(/^--/, '//')}\n`)
      .join('');
  const call = (sql: string): string => `${executeSql(sql)}\n`;
  const down =
    step.down === undefined
      ? `            // lockstep: irreversible "${(step.irreversible ?? 'no way back is known').replaceAll('"', "'").replaceAll(/[\r\n]+/g, ' ')}"\n            throw new System.NotSupportedException();\n`
      : call(step.down);
  return `using FluentMigrator;

namespace ${namespace}
{
    [Migration(${number}${step.transaction === 'none' ? ', TransactionBehavior.None' : ''})]
    public class ${name} : Migration
    {
        public override void Up()
        {
${comments(stepHeader(step))}${step.up.trim() === '' ? '' : call(step.up)}        }

        public override void Down()
        {
${down}        }
    }
}
`;
}
