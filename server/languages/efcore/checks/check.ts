import type { EngineId } from '../../../model/engine-id.ts';
import type { Call } from '../../csharp/call.ts';
import type { MigrationClass, MigrationMethod } from '../migration-class.ts';
import type { EfDocument } from '../ef-document.ts';
import type { Remark } from '../../language.ts';

/** A migration class and what is known beside it. */
export interface CheckedMigration {
  readonly migration: MigrationClass;
  readonly text: string;
  readonly dialect: EngineId;
  readonly document: EfDocument;
}

/** Something that is said of a migration as the program that it is, beside what is said of its SQL. */
export type Check = (checked: CheckedMigration) => readonly Remark[];

/** The calls of a method; none where there is no such method. */
export function callsIn(method: MigrationMethod | undefined): readonly Call[] {
  return (method?.steps ?? []).flatMap((step): readonly Call[] => (step.kind === 'call' ? [step] : []));
}
