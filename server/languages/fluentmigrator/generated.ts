import type { Command } from '../csharp/command.ts';

/** What a program says of how FluentMigrator writes its SQL. */
export interface GeneratorSettings {
  /** `serial`: keys are of this type, as generators for PostgreSQL before 10 write them. */
  readonly keys: 'identity' | 'serial';
}

/** What an expression becomes, or why FluentMigrator refuses it: the end of a sentence. */
export type Generated = readonly Command[] | { readonly refused: string };
