import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { places, startLsp, type LspClient } from '../support/lsp-client.ts';
import { projectFiles } from '../support/tool-cases.ts';

const SETTINGS = 'src/appsettings.Production.json';
const PROGRAM = 'src/Program.cs';
const STARTS = 'var app = Build();\napp.Services.Get<Shop>().Database.Migrate();\napp.Run();\n';
const SECRET = '{ "ConnectionStrings": { "Shop": "Host=db.example.org;Username=shop;Password=a1b2c3" } }\n';

/** The EF Core project of the formats' tests as a service. */
function start(files: Readonly<Record<string, string>>): Promise<LspClient> {
  const project = projectFiles('efcore');
  return startLsp({
    ...project,
    'src/App.csproj': (project['src/App.csproj'] ?? '').replace('Microsoft.NET.Sdk"', 'Microsoft.NET.Sdk.Web"'),
    ...files,
  });
}

function save(client: LspClient, name: string, text: string): void {
  writeFileSync(path.join(client.folder, name), text);
  client.notify('workspace/didChangeWatchedFiles', { changes: [{ uri: client.uri(name), type: 2 }] });
}

test('what is wrong with the program beside the migrations is in the list of problems, and goes when it is mended', async () => {
  await using client = await start({ [PROGRAM]: STARTS, [SETTINGS]: SECRET });
  expect(places(await client.diagnostics(PROGRAM))).toEqual(['migrate-at-start-up@1:34-41']);
  save(client, PROGRAM, STARTS.replace(/^app.Services.*\n/m, ''));
  await client.diagnostics(PROGRAM, (sent) => sent.diagnostics.length === 0);
  expect(client.errors()).toBe('');
});

test('a password that comes into a file is told with its place', async () => {
  await using client = await start({ [PROGRAM]: STARTS, [SETTINGS]: '{}\n' });
  await client.diagnostics(PROGRAM);
  save(client, SETTINGS, SECRET);
  expect(places(await client.diagnostics(SETTINGS))).toEqual([
    `password-in-source@0:${SECRET.indexOf('Password')}-${SECRET.indexOf('Password') + 8}`,
  ]);
});
