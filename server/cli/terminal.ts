/** The outside of one run: everything that a command reads or writes besides files and databases. */
export interface Terminal {
  /** Absolute, with `/`. */
  readonly workingDirectory: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Whether a person can be asked. */
  readonly isInteractive: boolean;
  /** Whether standard output shows colours. */
  readonly hasColor: boolean;
  /** Standard output: the result and nothing else. */
  write(text: string): void;
  /** Standard error. */
  writeError(text: string): void;
  /** Asks a person; true for yes. */
  confirm(question: string): Promise<boolean>;
  /** Asks a person for words; undefined where none come. Absent: nobody is asked. */
  ask?(question: string): Promise<string | undefined>;
  readonly signal: AbortSignal;
}

/** Colours of text output; the empty ones where colours are off. */
export interface Palette {
  readonly red: (text: string) => string;
  readonly yellow: (text: string) => string;
  readonly green: (text: string) => string;
  readonly blue: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly bold: (text: string) => string;
}

/** ANSI colours, or plain text. */
export function palette(hasColor: boolean): Palette {
  const code =
    (start: number, end: number) =>
    (text: string): string =>
      hasColor ? `\u001b[${start}m${text}\u001b[${end}m` : text;
  return {
    red: code(31, 39),
    yellow: code(33, 39),
    green: code(32, 39),
    blue: code(34, 39),
    dim: code(2, 22),
    bold: code(1, 22),
  };
}
