import type { Span } from '../../core/span.ts';

/** A name as it is written, without its marks: `['dbo', 'Users']`. */
export interface TsqlName {
  readonly parts: readonly string[];
  readonly span: Span;
}

/** A column that ALTER TABLE adds, changes or drops. */
export interface TsqlColumn {
  readonly name: TsqlName;
  /** As it is written, in capitals and without white space: `NVARCHAR(50)`; absent for a computed column. */
  readonly type?: string;
  /** Undefined where neither NULL nor NOT NULL is written. */
  readonly isNullable?: boolean;
  readonly hasDefault: boolean;
  /** The default is worked out for each row: NEWID(), NEWSEQUENTIALID(), NEXT VALUE FOR. */
  readonly isDefaultByRow: boolean;
  readonly isIdentity: boolean;
  readonly isComputed: boolean;
  /** What is computed is kept with the row. */
  readonly isPersisted: boolean;
}

/** One thing that ALTER TABLE does. */
export type TableAction = { readonly span: Span } & (
  | { readonly kind: 'add-column'; readonly column: TsqlColumn }
  | { readonly kind: 'alter-column'; readonly column: TsqlColumn; readonly isOnline: boolean }
  | { readonly kind: 'drop-column'; readonly name: TsqlName }
  | {
      readonly kind: 'add-constraint';
      readonly name?: TsqlName;
      readonly constraint: 'primary-key' | 'unique' | 'foreign-key' | 'check' | 'default' | 'other';
      /** Rows that are there are not looked at. */
      readonly isUnchecked: boolean;
      readonly isOnline: boolean;
    }
  | { readonly kind: 'drop-constraint'; readonly name: TsqlName }
  /** CHECK CONSTRAINT and NOCHECK CONSTRAINT; `isValidated` with WITH CHECK, which reads the rows. */
  | { readonly kind: 'switch-constraint'; readonly isOn: boolean; readonly isValidated: boolean }
  | { readonly kind: 'other'; readonly words: string }
);

/** What a statement of T-SQL is. Spans are offsets in the text that was read; a final semicolon is left out. */
export type TsqlStatement = { readonly span: Span; readonly certainty: 'certain' | 'may' } & (
  | { readonly kind: 'create-table' | 'drop-table' | 'truncate-table'; readonly name: TsqlName }
  | { readonly kind: 'alter-table'; readonly name: TsqlName; readonly actions: readonly TableAction[] }
  | {
      readonly kind: 'create-index';
      readonly name: TsqlName;
      readonly table: TsqlName;
      readonly isUnique: boolean;
      readonly isClustered: boolean;
      readonly isOnline: boolean;
      /** DROP_EXISTING = ON: it takes the place of one of its name. */
      readonly replaces: boolean;
    }
  | { readonly kind: 'drop-index' | 'alter-index'; readonly name: TsqlName; readonly table?: TsqlName }
  /** sp_rename: `what` is COLUMN, INDEX, OBJECT and so on; absent where it is not said. */
  | { readonly kind: 'rename'; readonly name: TsqlName; readonly to: string; readonly what?: string }
  | {
      readonly kind: 'update' | 'delete' | 'insert' | 'merge';
      readonly name?: TsqlName;
      /** The table that `name` stands for, by what is behind FROM. */
      readonly table?: TsqlName;
      readonly hasWhere: boolean;
      /** The column of a WHERE that asks for nothing but IS NULL: every row that was not filled yet. */
      readonly whereNull?: string;
      /** TOP, or SET ROWCOUNT before it: it changes a part of the rows. */
      readonly isLimited: boolean;
    }
  /** A procedure, function, trigger or view, whose body is not read. */
  | { readonly kind: 'module'; readonly name: TsqlName; readonly what: string }
  | { readonly kind: 'if' | 'while' | 'block' | 'try'; readonly body: readonly TsqlStatement[] }
  /** A call of a procedure. */
  | { readonly kind: 'execute'; readonly name?: TsqlName }
  /** EXEC of a text that is put together, sp_executesql of one: what runs is only known when it runs. */
  | { readonly kind: 'dynamic' }
  /** EXEC or sp_executesql of a text that is written out: its statements, with their places in the whole text. */
  | { readonly kind: 'text'; readonly body: readonly TsqlStatement[] }
  /** `into` is a table that it makes. */
  | { readonly kind: 'select'; readonly into?: TsqlName }
  | { readonly kind: 'transaction' | 'variable' | 'session' }
  /** Anything else, by its first words. */
  | { readonly kind: 'other'; readonly words: string }
);
