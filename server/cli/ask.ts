import { createInterface } from 'node:readline/promises';

/**
 * Asks a person for a yes. Anything else is a no: Ctrl-C, the end of the input, a run that was ended meanwhile.
 */
export async function askForYes(
  question: string,
  input: NodeJS.ReadableStream,
  output: NodeJS.WritableStream,
  signal: AbortSignal,
  isTerminal?: boolean,
): Promise<boolean> {
  const reader = createInterface({ input, output, ...(isTerminal === undefined ? {} : { terminal: isTerminal }) });
  const ended = new AbortController();
  const end = (): void => ended.abort();
  reader.once('SIGINT', end);
  reader.once('close', end);
  signal.addEventListener('abort', end, { once: true });
  if (signal.aborted) end();
  try {
    return /^y(es)?$/i.test((await reader.question(`${question} [y/N] `, { signal: ended.signal })).trim());
  } catch (cause) {
    if (!ended.signal.aborted) throw cause;
    // What comes next begins on a line of its own.
    output.write('\n');
    return false;
  } finally {
    signal.removeEventListener('abort', end);
    reader.removeListener('close', end);
    reader.close();
  }
}
