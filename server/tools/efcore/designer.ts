/** What a migration is called where its Designer names it. */
export interface DesignedMigration {
  readonly id: string;
  readonly className: string;
  readonly namespace: string;
}

const MIGRATIONS = 'Microsoft.EntityFrameworkCore.Migrations';
const ATTRIBUTE = /^([ \t]*)\[(?:\w+\.)*DbContext(?:Attribute)?\(.*\)\][ \t]*\r?\n/m;
const CLASS = /\bpartial class @?\w+\s*:\s*(?:\w+\.)*ModelSnapshot\b/;
const METHOD = /^([ \t]*)protected override void BuildModel\(/m;
/** Since EF Core 11, so that a merge of two branches conflicts. */
const LAST_MIGRATION = /(\bLastMigrationId\s*=>\s*")[^"]*(")/;

/**
 * The Designer of a migration that leaves the model as the snapshot has it, as `dotnet ef migrations add` writes it;
 * undefined for a snapshot of another shape.
 *
 * EF Core takes the model of a migration without one for empty: a rebuild on the way back of the next one then fails, and
 * `migrations remove` writes an empty snapshot.
 * Source: dotnet/efcore, Migrations/Design/MigrationsScaffolder.cs; compared with EF Core's own in `runs.test.ts`.
 */
export function designerOf(snapshot: string, { id, className, namespace }: DesignedMigration): string | undefined {
  const parts = [ATTRIBUTE, CLASS, METHOD];
  if (!parts.every((part) => part.test(snapshot))) return undefined;
  return withUsing(snapshot)
    .replace(/^(\s*namespace\s+)[\w.]+/m, (_, word: string) => word + namespace)
    .replace(ATTRIBUTE, (line, indent: string) => `${line}${indent}[Migration("${id}")]${endOf(line)}`)
    .replace(CLASS, () => `partial class ${className}`)
    .replace(/^[^\n]*\bLastMigrationId\s*=>[^\n]*\n(?:[ \t]*\r?\n)?/m, '')
    .replace(
      METHOD,
      (_, indent: string) =>
        `${indent}/// <inheritdoc />${endOf(snapshot)}${indent}protected override void BuildTargetModel(`,
    );
}

/** The snapshot that names another migration as the last one; undefined where it names none. */
export function withLastMigration(snapshot: string, id: string): string | undefined {
  return LAST_MIGRATION.test(snapshot)
    ? snapshot.replace(LAST_MIGRATION, (_, before: string, after: string) => before + id + after)
    : undefined;
}

/** The namespace of `[Migration]`, in the order in which EF Core writes them: those of `System` first. */
function withUsing(text: string): string {
  const usings = [...text.matchAll(/^using\s+([\w.]+)\s*;[ \t]*\r?\n/gm)];
  if (usings.some(([, name]) => name === MIGRATIONS)) return text;
  const next = usings.find(([, name = '']) => !/^System\b/.test(name) && name > MIGRATIONS);
  const last = usings.at(-1);
  const place = next?.index ?? (last === undefined ? 0 : last.index + last[0].length);
  return `${text.slice(0, place)}using ${MIGRATIONS};${endOf(text)}${text.slice(place)}`;
}

function endOf(text: string): string {
  return text.includes('\r\n') ? '\r\n' : '\n';
}
