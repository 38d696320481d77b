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
  const answer = await askForWords(`${question} [y/N] `, input, output, signal, isTerminal);
  return answer !== undefined && /^y(es)?$/i.test(answer);
}

/** Asks a person for words, without the spaces around them; undefined for Ctrl-C, the end of the input, a run that was ended meanwhile. */
export async function askForWords(
  question: string,
  input: NodeJS.ReadableStream,
  output: NodeJS.WritableStream,
  signal: AbortSignal,
  isTerminal?: boolean,
): Promise<string | undefined> {
  const reader = createInterface({ input, output, ...(isTerminal === undefined ? {} : { terminal: isTerminal }) });
  const ended = new AbortController();
  const end = (): void => ended.abort();
  reader.once('SIGINT', end);
  reader.once('close', end);
  signal.addEventListener('abort', end, { once: true });
  if (signal.aborted) end();
  try {
    return (await reader.question(question, { signal: ended.signal })).trim();
  } catch (cause) {
    if (!ended.signal.aborted) throw cause;
    // What comes next begins on a line of its own.
    output.write('\n');
    return undefined;
  } finally {
    signal.removeEventListener('abort', end);
    reader.removeListener('close', end);
    reader.close();
  }
}
