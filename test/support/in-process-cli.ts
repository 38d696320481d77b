import { runCli } from '../../server/cli/program.ts';
import { committedFiles } from '../../server/host/committed-files.ts';
import { loadEngines } from '../../server/host/load-engines.ts';
import { nodeFiles } from '../../server/host/node-files.ts';
import { systemClock } from '../../server/host/system-clock.ts';

const engines = loadEngines();

/**
 * One command of the command line in this process, standard output and error together. Every question is answered by no, unless
 * `typed` is what a person types, in a terminal.
 */
export async function tellInProcess(
  folder: string,
  words: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
  files = nodeFiles,
  typed?: string,
): Promise<{ readonly code: number; readonly output: string }> {
  let output = '';
  const write = (text: string): void => {
    output += text;
  };
  const code = await runCli(
    words,
    {
      workingDirectory: folder,
      environment,
      isInteractive: typed !== undefined,
      ask: (question) => {
        write(question);
        return Promise.resolve(typed);
      },
      hasColor: false,
      write,
      writeError: write,
      confirm: () => Promise.resolve(false),
      signal: new AbortController().signal,
    },
    { files, clock: systemClock, loadEngines: () => engines, committedFiles },
    () => Promise.reject(new Error('no server is started here')),
  );
  return { code, output };
}
