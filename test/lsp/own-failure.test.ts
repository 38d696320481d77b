import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import {
  createConnection,
  createProtocolConnection,
  StreamMessageReader,
  StreamMessageWriter,
  type LogMessageParams,
  type PublishDiagnosticsParams,
} from 'vscode-languageserver/node';
import { loadEngines } from '../../server/host/load-engines.ts';
import { systemClock } from '../../server/host/system-clock.ts';
import { createServer } from '../../server/lsp/server.ts';
import { openProjects } from '../../server/application/open-project.ts';
import { MemoryFiles } from '../support/memory-files.ts';

const GOOD = 'ALTER TABLE users ADD COLUMN status text NOT NULL;\n';

test('an error of our own in one file is said and logged, and the server goes on with the next text', async () => {
  const engines = await loadEngines();
  const { postgresql } = engines;
  const failing = {
    ...engines,
    postgresql: {
      ...postgresql,
      effects: ((operations, schema, target) => {
        if (operations.some((operation) => operation.kind === 'lock-table')) throw new Error('no effects today');
        return postgresql.effects(operations, schema, target);
      }) satisfies typeof postgresql.effects,
    },
  };
  const files = new MemoryFiles({
    '/app/lockstep.jsonc': '{ "dialect": "postgresql" }',
    '/app/migrations/0001_a.up.sql': 'CREATE TABLE users (id bigint PRIMARY KEY);\n',
  });
  const [toServer, toClient] = [new PassThrough(), new PassThrough()];
  createServer(createConnection(new StreamMessageReader(toServer), new StreamMessageWriter(toClient)), {
    files,
    clock: systemClock,
    version: '0',
    environmentVariable: () => undefined,
    earlierTexts: async function* () {},
    openProjects: (root) => openProjects({ root, files, engines: failing }),
    planInit: () => Promise.reject(new Error('not asked for')),
    openConnection: () => Promise.reject(new Error('not here')),
    pathOf: (uri) => new URL(uri).pathname,
    uriOf: (path) => `file://${path}`,
  });
  const client = createProtocolConnection(new StreamMessageReader(toClient), new StreamMessageWriter(toServer));
  const logs: string[] = [];
  const arrived: ((sent: PublishDiagnosticsParams) => void)[] = [];
  client.onNotification('window/logMessage', ({ message }: LogMessageParams) => {
    logs.push(message);
  });
  client.onNotification('textDocument/publishDiagnostics', (sent: PublishDiagnosticsParams) => {
    if (sent.uri.endsWith('.sql')) arrived.shift()?.(sent);
  });
  client.listen();
  const next = (): Promise<PublishDiagnosticsParams> => new Promise((resolve) => arrived.push(resolve));
  await client.sendRequest('initialize', { processId: null, rootUri: 'file:///app', capabilities: {} });
  await client.sendNotification('initialized', {});
  const uri = 'file:///app/migrations/0001_a.up.sql';
  const first = next();
  await client.sendNotification('textDocument/didOpen', {
    textDocument: { uri, languageId: 'sql', version: 1, text: 'LOCK TABLE users;\n' },
  });
  expect((await first).diagnostics).toMatchObject([
    { code: 'failed', message: expect.stringContaining('nothing is said about it') },
  ]);
  expect(logs.join('\n')).toContain('no effects today');
  const second = next();
  await client.sendNotification('textDocument/didChange', {
    textDocument: { uri, version: 2 },
    contentChanges: [{ text: GOOD }],
  });
  expect((await second).diagnostics.map((diagnostic) => diagnostic.code)).not.toContain('failed');
  client.dispose();
});
