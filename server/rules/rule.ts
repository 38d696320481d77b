import type { TextEdit } from '../core/edit.ts';
import type { Span } from '../core/span.ts';
import type { Engine, StatementBody, StatementText, Target } from '../engines/engine.ts';
import type { Effect } from '../model/effect.ts';
import type { EngineId } from '../model/engine-id.ts';
import type { Section, TransactionRule } from '../model/migration.ts';
import type { Operation } from '../model/operation.ts';
import type { Origin, Schema } from '../model/schema.ts';
import type { ChangeRequest } from '../planner/plan.ts';
import type { Phase } from '../planner/step.ts';

export type Severity = 'error' | 'warning' | 'info' | 'hint';

/** One statement of the migration being linted, with everything that is known before and after it. */
export interface RuleStatement {
  /** In the order of the document; between two whole numbers for a statement of a DO block. */
  readonly index: number;
  /** The DO block that this is one statement of: its text, and what it does as a whole. */
  readonly whole?: RuleStatement;
  readonly source: StatementText;
  readonly body: StatementBody;
  readonly before: Schema;
  readonly after: Schema;
  readonly effects: readonly Effect[];
  readonly direction: 'up' | 'down';
  readonly transaction: TransactionRule;
  /** The part of the document that the tool runs at once: a half may have several, of which each has its own rule. */
  readonly section: Section;
}

/** A step of the same change in another migration of the project. */
export interface ChangeStep {
  readonly changeId: string;
  readonly phase: Phase;
  readonly migration: string;
  /** Whether its header says `requires deploy "..."`. */
  readonly requiresDeploy?: boolean;
  /** Whether it comes before the migration being linted. */
  readonly isEarlier: boolean;
}

/**
 * What the other migrations of the folder say, as far as a rule needs it.
 *
 * Members that are functions are worked out when they are called, and kept.
 */
export interface FolderFacts {
  /** Of this migration, as `Origin.fileIndex` counts. */
  readonly index: number;
  /** Whether no other migration comes after this one. */
  readonly isNewest: boolean;
  /** Schema before this migration. */
  schemaBefore(): Schema;
  /** Schema after the newest migration; undefined where none follows this one, or too many to fold them again at every keystroke. */
  schemaAtEnd(): Schema | undefined;
  /** Whether everything in the up half of this migration was analysed. */
  isUpKnown(): boolean;
  /** What the up half of this migration does, in order. */
  upOperations(): readonly Operation[];
  /** Id of the first later migration that creates a table of this name without asking whether it is there. */
  createdLater(schema: string, name: string): string | undefined;
  /** Whether this migration has no way back and does not say why, where others of the folder have one. */
  lacksDown(): boolean;
  /**
   * What pending migrations before this one still hold when it begins, where the tool runs them all in one transaction and a
   * database says that they are pending; in the order in which it was taken.
   */
  heldBefore?(): readonly HeldBefore[];
  /** While a database is connected, where this migration is pending and a newer one is applied. */
  readonly late?: { readonly newest: string; readonly outcome: 'runs' | 'refused' | 'never-runs' };
}

/** A lock on a table in use that an earlier migration took, in the transaction that this one runs in too. */
export interface HeldBefore {
  readonly effect: Effect;
  /** Key of `Schema.relations`. */
  readonly key: string;
  /** Id of the migration that took it. */
  readonly migration: string;
}

/** What a rule may look at: one migration, and what came before it. Never a file name, clock or connection. */
export interface RuleContext {
  readonly engine: Engine;
  readonly target: Target;
  /** Statements of the direction being linted, in order. */
  readonly statements: readonly RuleStatement[];
  /** Header of this migration: its change, phase and requirements. */
  readonly change?: { readonly id: string; readonly phase: Phase; readonly requiresDeploy?: boolean };
  readonly changeSteps: readonly ChangeStep[];
  /**
   * Whether a relation (key of `Schema`) holds no rows that anyone uses as the statement finds it: made in this migration,
   * or by one not applied yet.
   */
  isNew(relationKey: string, statement: RuleStatement): boolean;
  /** Whether running code may know a relation by this key: it had the name before this migration began. */
  isKnownName(relationKey: string): boolean;
  /** The same for a part of a relation, by the migration that made it. */
  isNewOrigin(origin: Origin): boolean;
  /** First and last line of the document that a statement stands on, 1-based. */
  linesOf(statement: RuleStatement): { readonly first: number; readonly last: number };
  /** Absent where a document stands alone. */
  readonly folder?: FolderFacts;
  /** Options of this rule from the configuration. */
  readonly options: Readonly<Record<string, unknown>>;
}

/** Where a relation is, as the catalog spells it. */
export interface RelationPlace {
  readonly schema: string;
  readonly name: string;
}

/** What a rule reports. `span` is relative to the statement's start. */
export interface RuleFinding {
  readonly statement: RuleStatement;
  readonly span: Span;
  /** In the document, where it names what the statement does not; then `span` is not looked at. */
  readonly place?: Span;
  readonly message: string;
  /** Always with its schema, for JSON and grouping. */
  readonly relation?: RelationPlace;
  /** Instead of the rule's own, where the facts make it less or more grave; the configuration's word counts before it. */
  readonly severity?: Severity;
  /** The operation that the fix is for. */
  readonly operation?: Operation;
  readonly related?: readonly { readonly statement: RuleStatement; readonly span: Span; readonly message: string }[];
}

/** A remedy. `safe` may be applied without a look; `review` wants a person. */
export type RuleFix =
  | {
      readonly kind: 'edit';
      readonly title: string;
      readonly safety: 'safe' | 'review' /** Relative to the statement's start. */;
      readonly edits: readonly TextEdit[];
    }
  | { readonly kind: 'change'; readonly title: string; readonly safety: 'review'; readonly request: ChangeRequest }
  /** The migration is planned as a whole, for this finding alone. */
  | { readonly kind: 'whole'; readonly title: string; readonly safety: 'review' };

export interface RuleExample {
  readonly title: string;
  readonly dialect: EngineId;
  /** PostgreSQL major or SQLite version; the dialect's default where absent. */
  readonly version?: string;
  /** Migrations that ran before, one string each. */
  readonly before?: readonly string[];
  /** Down halves of the migrations before, in the same order. */
  readonly beforeDown?: readonly string[];
  /** Linted text; in a bad example each reported range is marked `<|...|>`. */
  readonly sql: string;
  /** Down half of the linted migration. Where it is given, it is what is linted, and it holds the marks. */
  readonly down?: string;
  /** The text after the first edit fix. */
  readonly fixed?: string;
  /** Titles of the steps of the first change fix, in order. */
  readonly steps?: readonly string[];
}

/** An EF Core migration in C#; `up` and `down` are the bodies of its methods, in which each reported range is marked `<|...|>`. */
interface CodeExampleText {
  readonly title: string;
  /** Bodies of `Up` of the migrations before, oldest first. */
  readonly before?: readonly string[];
  readonly up: string;
  readonly down?: string;
  /** Entities of the Designer after each migration, those before first; a migration without has no Designer. */
  readonly models?: readonly string[];
  /** Entities of the folder's snapshot. */
  readonly snapshot?: string;
  /** Where it is not the id. */
  readonly fileName?: string;
  /** A file of the program beside the migrations, which is linted in place of them, and holds the marks. */
  readonly source?: { readonly path: string; readonly text: string };
  /** The name that is reported, where it stands in neither body. */
  readonly reported?: 'Down' | 'class';
}

/** For a product that an engine reads, or for one that none does. */
export type CodeExample = CodeExampleText &
  ({ readonly dialect: EngineId; readonly product?: never } | { readonly dialect?: never; readonly product: string });

/** Sets of rules by how much they ask for: each holds the ones before it. */
export const PRESETS = ['recommended', 'strict', 'all'] as const;

export type Preset = (typeof PRESETS)[number];

/** Something that the configuration may set for one rule. */
export interface RuleOption {
  readonly default: number | boolean | string;
  /** One sentence, with the unit. */
  readonly description: string;
}

/** One rule, one file; its examples are its tests and its documentation. */
export interface Rule {
  /** Names what is flagged: `required-column`. The file's name, for ever. */
  readonly code: string;
  readonly aliases?: readonly string[];
  readonly title: string;
  readonly severity: Severity;
  /** The smallest set of rules that it is in; `recommended`, which is the default, where absent. */
  readonly preset?: Preset;
  /** It is on all the same where the tool's own command applies the migrations: Lockstep's runner does by itself what it asks for. */
  readonly isOnForCommands?: true;
  readonly dialects: readonly EngineId[];
  /** It is about work that grows with a table: the connected database's sizes are told with it, and decide how grave it is. */
  readonly growsWithTable?: true;
  /** Its remedies hold for one statement of a DO block too: edits of what is written there, and no other statements. */
  readonly mendsBlocks?: true;
  /** By name; values of another type than the default's are refused. */
  readonly options?: Readonly<Record<string, RuleOption>>;
  /** One paragraph for someone who has never heard of the lock. */
  readonly why: string;
  readonly docs: readonly string[];
  readonly bad: readonly RuleExample[];
  readonly good: readonly RuleExample[];
  /**
   * What it says holds whatever the database is, so that it speaks, on the program that a migration is, where no engine reads
   * the product.
   */
  readonly isForEveryProduct?: true;
  /** What it says of products that no engine reads, from their documentation: nothing of it is measured. */
  readonly documented?: readonly { readonly product: string; readonly why: string; readonly docs: readonly string[] }[];
  /** Examples in C#, of a rule that has something to say of EF Core alone. */
  readonly csharp?: { readonly bad: readonly CodeExample[]; readonly good: readonly CodeExample[] };
  /** Kinds of operations that it is about: it is asked of no half of a migration without one. All halves where absent. */
  readonly on?: readonly Operation['kind'][];
  /** `statements` are those with an operation of `on`, in order, each once; all of the context's where that is absent. */
  check(context: RuleContext, statements: readonly RuleStatement[]): Iterable<RuleFinding>;
  fixes?(finding: RuleFinding, context: RuleContext): readonly RuleFix[];
}
