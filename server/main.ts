import { fileURLToPath, pathToFileURL } from 'node:url';
import { createConnection, ProposedFeatures } from 'vscode-languageserver/node';
import manifest from '../package.json' with { type: 'json' };
import { openConnection } from './drivers/connect.ts';
import { committedFiles } from './host/committed-files.ts';
import { whoWorksHere } from './host/auditor.ts';
import { earlierTexts } from './host/earlier-texts.ts';
import { loadEngines, type Engines } from './host/load-engines.ts';
import { nodeFiles } from './host/node-files.ts';
import { nodeCommands } from './host/node-commands.ts';
import { systemClock } from './host/system-clock.ts';
import { wholeMessages } from './host/whole-messages.ts';
import type { LspHost } from './lsp/lsp-host.ts';
import { createServer } from './lsp/server.ts';
import { planInit } from './application/init.ts';
import { openProjects } from './application/open-project.ts';

/** Loaded while the editor and the server still greet each other. */
const engines: Promise<Engines> = loadEngines();
// A failure is for whoever awaits it, in `openProjects` below; it must not end the process before that.
engines.catch(() => undefined);

const host: LspHost = {
  files: nodeFiles,
  clock: systemClock,
  commands: nodeCommands,
  version: manifest.version,
  auditor: { by: whoWorksHere(), version: manifest.version },
  openProjects: async (root, known) =>
    openProjects({ root, files: nodeFiles, engines: await engines, ...(known === undefined ? {} : { known }) }),
  planInit: async (root) =>
    planInit({
      root,
      files: nodeFiles,
      engines: await engines,
      environmentVariable: (name) => process.env[name],
      committedFiles,
    }),
  openConnection,
  earlierTexts,
  environmentVariable: (name) => process.env[name],
  pathOf: (uri) => fileURLToPath(uri).replaceAll('\\', '/'),
  uriOf: (path) => pathToFileURL(path).href,
};

// Without a word about the channel it is standard input and output, as for `lockstep lsp`.
const connection = process.argv.includes('--node-ipc')
  ? createConnection(ProposedFeatures.all)
  : createConnection(ProposedFeatures.all, process.stdin, wholeMessages(process.stdout));
createServer(connection, host);
