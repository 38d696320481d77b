/** What a run's stop says, without the command of the terminal: in the editor a button does it. */
export function stopWords(message: string): string {
  return message
    .replaceAll(/, confirm by "lockstep change [^"]*"/g, ', confirm it')
    .replaceAll(/: run "lockstep change [^"]*"/g, '')
    .replaceAll(/ To go on all the same, say "lockstep [^"]*"\./g, '')
    .replaceAll(
      /, then say "lockstep \w+ --interrupted again" to send it again, or "--interrupted done" where nothing of it is missing/g,
      ', then say so',
    )
    .replace(/\.*$/, '.');
}
