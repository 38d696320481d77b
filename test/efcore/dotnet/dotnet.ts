import { spawnSync } from 'node:child_process';

/** What a command of the SDK printed. Errors: throws with all of it where the command fails. */
export function dotnet(
  words: readonly string[],
  folder: string,
  environment: Readonly<Record<string, string>> = {},
): string {
  const done = spawnSync('dotnet', words, {
    cwd: folder,
    encoding: 'utf8',
    // What stays behind for the next build would hold the output open, and be waited for.
    env: {
      ...process.env,
      DOTNET_CLI_TELEMETRY_OPTOUT: '1',
      DOTNET_NOLOGO: '1',
      MSBUILDDISABLENODEREUSE: '1',
      UseSharedCompilation: 'false',
      ...environment,
    },
  });
  if (done.status !== 0)
    throw new Error(`dotnet ${words.join(' ')} ended with ${done.status}: ${done.stdout}${done.stderr}`);
  return done.stdout;
}

/** The version that the oracle asks, too. */
export const EF_VERSION = '10.0.11';

/** Releases of the providers that go with it. */
export const PROVIDERS = {
  sqlite: { 'Microsoft.EntityFrameworkCore.Sqlite': EF_VERSION },
  postgresql: {
    'Npgsql.EntityFrameworkCore.PostgreSQL': '10.0.3',
    'Microsoft.EntityFrameworkCore.Relational': EF_VERSION,
  },
} as const;

/** What `dotnet ef` asks of a project. */
export const DESIGN = { 'Microsoft.EntityFrameworkCore.Design': EF_VERSION } as const;

/** The text of a program's project file, with the packages that it uses and their versions. */
export function projectFile(packages: Readonly<Record<string, string>>): string {
  return `<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <OutputType>Exe</OutputType>
    <TargetFramework>net10.0</TargetFramework>
    <ImplicitUsings>enable</ImplicitUsings>
    <NuGetAudit>false</NuGetAudit>
    <RunAnalyzers>false</RunAnalyzers>
    <SatelliteResourceLanguages>en</SatelliteResourceLanguages>
  </PropertyGroup>
  <ItemGroup>
${Object.entries(packages)
  .map(([name, version]) => `    <PackageReference Include="${name}" Version="${version}" />\n`)
  .join('')}  </ItemGroup>
</Project>
`;
}

/** Puts `dotnet ef` beside a project and builds it. */
export function buildWithTool(folder: string): void {
  dotnet(['new', 'tool-manifest'], folder);
  dotnet(['tool', 'install', 'dotnet-ef', '--version', EF_VERSION], folder);
  dotnet(['build', '--nologo'], folder);
}
