import { openProjects } from '../../server/application/open-project.ts';
import { type Engines, loadEngines } from '../../server/host/load-engines.ts';
import { designerText, entity, migrationText } from '../support/ef-project.ts';
import { MemoryFiles } from '../support/memory-files.ts';

const MIGRATIONS = 500;
/** Entities of a Designer: about 86,000 characters, the median of public projects; and 250,000, of which one in twenty has more. */
const ENTITIES = 110;
const MANY_ENTITIES = 320;
const KEYS = 200;
const FEW_KEYS = 20;
/** Calls of a migration of 400 lines, of one of 4,000, the longest that is known of a public project, and of one of 20,000. */
const CALLS = 66;
const LONG_CALLS = 660;
const MANY_CALLS = 3_330;

/** Milliseconds of the processor, which what else the machine does leaves as they are. */
function now(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** How long EF Core projects take: 500 migrations with Designers opened cold, and a migration of 400, 4,000 and 20,000 lines at each key. */
export async function efCore(): Promise<string> {
  const engines = await loadEngines();
  const lines: string[] = [];
  for (const [entities, calls, keys] of [
    [ENTITIES, CALLS, KEYS],
    [MANY_ENTITIES, LONG_CALLS, FEW_KEYS],
    [MANY_ENTITIES, MANY_CALLS, FEW_KEYS],
  ] as const)
    lines.push(...(await one(engines, entities, calls, keys)));
  return `${lines.join('\n')}\n\nMilliseconds of the processor, with files in memory.\n`;
}

async function one(engines: Engines, entities: number, count: number, keys: number): Promise<readonly string[]> {
  const model = Array.from({ length: entities }, (_, index) =>
    entity(`Thing${index}`, `Things${index}`, ['Name', 'Title?', 'Body?', 'Email', 'Phone?']),
  ).join('');

  const files: Record<string, string> = {
    '/app/App.csproj':
      '<Project Sdk="Microsoft.NET.Sdk"><PackageReference Include="Microsoft.EntityFrameworkCore.Sqlite" Version="10.0.3" /></Project>',
  };
  for (let index = 0; index < MIGRATIONS; index++) {
    const id = `2024${String(index).padStart(10, '0')}_Step${index}`;
    files[`/app/Migrations/${id}.cs`] = migrationText(
      id,
      `migrationBuilder.AddColumn<string>(name: "Column${index}", table: "Things${index % entities}", type: "TEXT", nullable: true);`,
      `migrationBuilder.DropColumn(name: "Column${index}", table: "Things${index % entities}");`,
    );
    files[`/app/Migrations/${id}.Designer.cs`] = designerText(id, `${model}// ${index}`);
  }
  const long = '20250101000000_Long';
  const calls = Array.from(
    { length: count },
    (_, index) => `migrationBuilder.AddColumn<string>(
                name: "Long${index}",
                table: "Things${index % entities}",
                type: "TEXT",
                maxLength: 100,
                nullable: true);`,
  );
  files[`/app/Migrations/${long}.cs`] = migrationText(long, calls.join('\n            '));
  files[`/app/Migrations/${long}.Designer.cs`] = designerText(long, model);

  const lines: string[] = [];
  const start = now();
  const { projects } = await openProjects({ root: '/app', files: new MemoryFiles(files), engines });
  const opened = now() - start;
  const [project] = projects;
  if (project === undefined) throw new Error('no project was found');
  const characters = (files[`/app/Migrations/20240000000000_Step0.Designer.cs`] ?? '').length;
  lines.push(
    `- ${project.migrations.migrations.length} migrations with Designers of ${characters} characters, opened cold: ${Math.round(opened)} ms`,
  );
  const path = `Migrations/${long}.cs`;
  const text = project.textOf(path) ?? '';
  const first = now();
  project.lint(path);
  lines.push(`- ${text.split('\n').length} lines, first lint: ${Math.round(now() - first)} ms`);
  const times: number[] = [];
  const place = text.indexOf('"Long33"') + 1;
  for (let key = 1; key <= keys; key++) {
    const typed = `${text.slice(0, place)}${'x'.repeat(key % 20)}${text.slice(place)}`;
    const before = now();
    project.setText(path, typed);
    project.lint(path);
    times.push(now() - before);
  }
  times.sort((left, right) => left - right);
  const at = (share: number): string => (times[Math.floor(times.length * share)] ?? 0).toFixed(1);
  lines.push(`- a key in it: median ${at(0.5)} ms, 95 of 100 below ${at(0.95)} ms, longest ${at(0.999)} ms`);
  return lines;
}
