import { sqlCall } from '../../languages/efcore/efcore-language.ts';
import { slugOf } from '../blocks/file-format.ts';
import { joinPath } from '../folder.ts';
import type { NewFiles, WriteRequest, WrittenStep } from '../format.ts';
import { stepHeader } from '../step-text.ts';
import { nextNumbers } from '../blocks/numbering.ts';
import type { EfSurroundings } from './efcore-files.ts';

/** What a new class takes over from a migration that is there. */
interface Surroundings {
  readonly namespace: string;
  readonly context: string;
  readonly usings: readonly string[];
}

/**
 * Steps as migration classes that need no Designer: what they do is SQL, and the model does not change by them, since the
 * migration that they come from has changed it already.
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
    changes.push({ path, action: 'create', text: migrationClass(id, name, step, around) });
  }
  return { migrations, changes };
}

/** The namespace of the newest migration, and what else a new class takes over. */
function aroundOf({ folder }: WriteRequest, { context, usings }: EfSurroundings): Surroundings {
  const namespace = folder.migrations.migrations
    .toReversed()
    .map(({ upPath }) => /^\s*namespace\s+([\w.]+)/m.exec(folder.textOf(upPath) ?? '')?.[1])
    .find((found) => found !== undefined);
  return { namespace: namespace ?? 'Migrations', context, usings };
}

function migrationClass(id: string, name: string, step: WrittenStep, around: Surroundings): string {
  const usings = [
    ...new Set([
      'Microsoft.EntityFrameworkCore.Infrastructure',
      'Microsoft.EntityFrameworkCore.Migrations',
      ...around.usings,
    ]),
  ].sort();
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
    [DbContext(typeof(${around.context}))]
    [Migration("${id}")]
    public partial class ${name} : Migration
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
function className(slug: string): string {
  const words = slug.split(/[^A-Za-z0-9]+/).filter((word) => word !== '');
  const name = words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
  return /^[A-Za-z]/.test(name) ? name : `Step${name}`;
}

function freeName(name: string, taken: ReadonlySet<string>): string {
  let free = name;
  for (let number = 2; taken.has(free.toLowerCase()); number++) free = `${name}${number}`;
  return free;
}
