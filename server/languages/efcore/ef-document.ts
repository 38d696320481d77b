import type { EfModel, KnownModel } from './model/ef-model.ts';

/** The models that the halves of a migration end in: that of its own Designer, and that of the migration before it. */
export interface EfModels {
  readonly up: KnownModel;
  readonly down: KnownModel;
}

/** What is known of a document beside its text. */
export interface EfDocument {
  readonly models: EfModels;
  /** The product that it is for, where no engine reads that: `SQL Server`. */
  readonly product?: string;
  /** Of the attribute, wherever it stands. */
  readonly id?: string;
  /** Without its ending. */
  readonly fileName?: string;
  /** Major version of the EF Core that wrote its Designer. */
  readonly version?: number;
  /** The folder's snapshot, where this is the newest migration and has a Designer. */
  readonly snapshot?: EfModel;
}
