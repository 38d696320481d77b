import type { Engines } from '../../server/host/load-engines.ts';
import { openProjects } from '../../server/application/open-project.ts';
import type { FileReport } from '../../server/analysis/report.ts';
import type { CodeExample, Rule } from '../../server/rules/rule.ts';
import { designerText, migrationText } from './ef-project.ts';
import { MemoryFiles } from './memory-files.ts';
import { unmark } from './rule-check.ts';

const ROOT = '/work/app';
const PROJECT: Readonly<Record<string, string>> = {
  postgresql: 'Npgsql.EntityFrameworkCore.PostgreSQL',
  sqlite: 'Microsoft.EntityFrameworkCore.Sqlite',
  'SQL Server': 'Microsoft.EntityFrameworkCore.SqlServer',
  MySQL: 'Pomelo.EntityFrameworkCore.MySql',
};

/** An example in C#, opened as the project that it would be. */
export async function openCode(
  engines: Engines,
  example: CodeExample,
  rule: Pick<Rule, 'code' | 'preset' | 'severity'>,
): Promise<{
  readonly report: Pick<FileReport, 'findings' | 'problems'>;
  readonly text: string;
  readonly marked: readonly { readonly start: number; readonly end: number }[];
}> {
  const files = new MemoryFiles();
  // A rule that is off by default is switched on for its own examples.
  if (rule.preset !== undefined)
    files.files.set(`${ROOT}/lockstep.jsonc`, JSON.stringify({ rules: { [rule.code]: rule.severity } }));
  const bodies = [
    ...(example.before ?? []).map((up) => ({ up, down: undefined })),
    { up: example.up, down: example.reported === 'Down' ? '' : example.down },
  ];
  let last = { path: '', text: '', marked: unmark('').spans };
  for (const [index, { up, down }] of bodies.entries()) {
    const isLast = index === bodies.length - 1;
    const id = `2024010${index + 1}000000_${isLast ? 'Example' : `Before${index + 1}`}`;
    const fileName = isLast ? (example.fileName ?? id) : id;
    const whole = migrationText(id, up, down);
    const { text, spans } = unmark(
      isLast && example.reported === 'Down'
        ? whole.replace('void Down', 'void <|Down|>')
        : isLast && example.reported === 'class'
          ? whole.replace(/(?<=class )\w+/, '<|$&|>')
          : whole,
    );
    const path = `Migrations/${fileName}.cs`;
    files.files.set(`${ROOT}/${path}`, text);
    // A migration without a model is known by its Designer still.
    const entities = example.models?.[index] ?? '';
    files.files.set(`${ROOT}/Migrations/${fileName}.Designer.cs`, designerText(id, entities));
    if (isLast) last = { path, text, marked: spans };
  }
  if (example.snapshot !== undefined)
    files.files.set(
      `${ROOT}/Migrations/AppContextModelSnapshot.cs`,
      designerText('20240101000000_Snapshot', example.snapshot).replace('BuildTargetModel', 'BuildModel'),
    );
  if (example.source !== undefined) {
    const { text, spans } = unmark(example.source.text);
    files.files.set(`${ROOT}/${example.source.path}`, text);
    last = { path: example.source.path, text, marked: spans };
  }
  files.files.set(
    `${ROOT}/App.csproj`,
    `<Project Sdk="Microsoft.NET.Sdk.Web"><PackageReference Include="${PROJECT[example.dialect ?? example.product]}" Version="10.0.3" />`,
  );
  const { projects } = await openProjects({
    root: ROOT,
    files,
    engines,
    overrides: example.dialect === undefined ? {} : { dialect: example.dialect },
  });
  const [project] = projects;
  if (project === undefined) throw new Error('the example is no project');
  if (example.source === undefined) return { report: project.lint(last.path), text: last.text, marked: last.marked };
  const told = (await project.lintSources()).find(({ path }) => path === last.path);
  return { report: told ?? { findings: [], problems: [] }, text: last.text, marked: last.marked };
}
