import { sqlCall } from '../../languages/efcore/efcore-language.ts';
import { slugOf } from '../blocks/file-format.ts';
import { joinPath } from '../folder.ts';
import type { NewFiles, WriteRequest, WrittenStep } from '../format.ts';
import { stepHeader } from '../step-text.ts';
import { nextNumbers } from '../blocks/numbering.ts';
import { designerOf, withLastMigration } from './designer.ts';
import type { EfSurroundings } from './efcore-files.ts';

/** What a new class takes over from a migration that is there. */
interface Surroundings {
  readonly namespace: string;
  readonly context: string;
  readonly usings: readonly string[];
}

/**
 * Steps as migration classes. What they do is SQL, and the model does not change by them, so that the Designer of each is
 * the snapshot; where a folder has none, the attributes stand on the class.
 */
export function writeMigrations(request: WriteRequest, folder: string, surroundings: EfSurroundings): NewFiles {
  const around = aroundOf(request, surroundings);
  const existing = request.folder.migrations.migrations.flatMap(({ id }) => /^\d{14}/.exec(id)?.[0] ?? []);
  const numbers = nextNumbers(existing, request.steps.length, request.now, { kind: 'timestamp' });
  // Two classes of one namespace cannot have one name.
  const names = new Set(request.folder.migrations.migrations.map(({ name }) => name.toLowerCase()));
  const migrations: NewFiles['migrations'][number][] = [];
  const changes: NewFiles['changes'][number][] = [];
  for (const [index, step] of request.steps.entries()) {
    const number = numbers[index] ?? '';
    const name = freeName(className(slugOf(step)), names);
    names.add(name.toLowerCase());
    const id = `${number}_${name}`;
    const path = joinPath(folder, `${id}.cs`);
    migrations.push({ kind: 'versioned', id, name, upPath: path, downPath: path });
    const designer =
      surroundings.snapshot === undefined
        ? undefined
        : designerOf(surroundings.snapshot.text, { id, className: name, namespace: around.namespace });
    changes.push({
      path,
      action: 'create',
      text: migrationClass(designer === undefined ? ownAttributes(id, around) : NO_ATTRIBUTES, name, step, around),
    });
    if (designer !== undefined)
      changes.push({
        path: path.replace(/\.cs$/, '.Designer.cs'),
        action: 'create',
        text: designer,
        goesWith: path,
      });
  }
  return { migrations, changes: [...changes, ...snapshotChange(surroundings, migrations.at(-1)?.id)] };
}

/** A snapshot that names the newest migration names the new one. */
function snapshotChange({ snapshot }: EfSurroundings, newest: string | undefined): NewFiles['changes'] {
  const text = snapshot === undefined || newest === undefined ? undefined : withLastMigration(snapshot.text, newest);
  return snapshot === undefined || text === undefined ? [] : [{ path: snapshot.path, action: 'edit', text }];
}

/** What stands on a class, and the namespaces that it is written with. */
interface Attributes {
  readonly lines: string;
  readonly usings: readonly string[];
}

/** They stand in the Designer. */
const NO_ATTRIBUTES: Attributes = { lines: '', usings: [] };

function ownAttributes(id: string, { context, usings }: Surroundings): Attributes {
  return {
    lines: `    [DbContext(typeof(${context}))]\n    [Migration("${id}")]\n`,
    usings: ['Microsoft.EntityFrameworkCore.Infrastructure', ...usings],
  };
}

/** The namespace of the newest migration, and what else a new class takes over. */
function aroundOf({ folder }: WriteRequest, { context, usings }: EfSurroundings): Surroundings {
  const namespace = folder.migrations.migrations
    .toReversed()
    .map(({ upPath }) => /^\s*namespace\s+([\w.]+)/m.exec(folder.textOf(upPath) ?? '')?.[1])
    .find((found) => found !== undefined);
  return { namespace: namespace ?? 'Migrations', context, usings };
}

function migrationClass(attributes: Attributes, name: string, step: WrittenStep, around: Surroundings): string {
  const usings = [...new Set(['Microsoft.EntityFrameworkCore.Migrations', ...attributes.usings])].sort();
  const header = stepHeader(step).replaceAll(/^--/gm, '//');
  const down =
    step.down === undefined
      ? [
          ...(step.irreversible === undefined
            ? []
            : [`            // lockstep: irreversible "${step.irreversible.replaceAll('"', "'")}"`]),
          `            throw new System.NotSupportedException("This migration cannot be reverted.");`,
        ].join('\n')
      : bodyOf(step.down, step.transaction);
  return `${header}${usings.map((using) => `using ${using};\n`).join('')}
#nullable disable

namespace ${around.namespace}
{
${attributes.lines}    public partial class ${name} : Migration
    {
        protected override void Up(MigrationBuilder migrationBuilder)
        {
${bodyOf(step.up, step.transaction)}
        }

        protected override void Down(MigrationBuilder migrationBuilder)
        {
${down}
        }
    }
}
`;
}

function bodyOf(sql: string, transaction: WrittenStep['transaction']): string {
  return sql.trim() === '' ? '' : sqlCall(sql, transaction);
}

/** A class name: words of the slug with capitals, and a letter first. */
export function className(slug: string): string {
  const words = slug.split(/[^A-Za-z0-9]+/).filter((word) => word !== '');
  const name = words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
  return /^[A-Za-z]/.test(name) ? name : `Step${name}`;
}

function freeName(name: string, taken: ReadonlySet<string>): string {
  let free = name;
  for (let number = 2; taken.has(free.toLowerCase()); number++) free = `${name}${number}`;
  return free;
}
