import type { Remark } from '../../language.ts';

/** A file of the program beside its migrations. */
export interface ProgramFile {
  /** Without its folder. */
  readonly name: string;
  readonly text: string;
  /** Of a service of which several instances may start at once, and not of a tool that is run by hand. */
  readonly isService: boolean;
}

/** Something that is said of a file of the program beside its migrations. */
export type SourceCheck = (file: ProgramFile) => readonly Remark[];
