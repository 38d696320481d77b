/** What a run's stop says, without the command of the terminal: in the editor a button does it. */
export function stopWords(message: string): string {
  return message
    .replaceAll(/, confirm by "lockstep change [^"]*"/g, ', confirm it')
    .replaceAll(/: run "lockstep change [^"]*"/g, '')
    .replace(/\.*$/, '.');
}
