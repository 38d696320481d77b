import type { Span } from '../core/span.ts';
import { FILL_NOTICE } from '../model/fill-notice.ts';
import type { Engine } from '../engines/engine.ts';
import type { CreateIndex, Operation } from '../model/operation.ts';
import type { Section } from '../model/migration.ts';
import { languageOf } from '../tools/language-of.ts';
import { readableText, sentText } from '../tools/sent-text.ts';
import type { RunnerProject } from './runner.ts';

/** What is sent at once. */
export interface Piece {
  readonly text: string;
  /** Offset in the document. */
  readonly start: number;
  /** Index of the statement in its half. */
  readonly statement: number;
  readonly operations: readonly Operation[];
}

/**
 * What of a half outside a transaction is done or not done as a whole.
 *
 * `setting`: changes the session alone, and is sent again when a run goes on later. `atomic`: one transaction, the file's
 * own or one around a statement that would be one by itself, so that its mark is committed with it. `apart`: the database
 * lets it run in no transaction; what is known after it was interrupted depends on `nature`.
 */
export type Unit = { readonly kind: 'setting'; readonly pieces: readonly Piece[] } | AtomicUnit | ApartUnit;

export interface AtomicUnit {
  readonly kind: 'atomic';
  readonly pieces: readonly Piece[];
  readonly hasOwnBegin: boolean;
}

export interface ApartUnit {
  readonly kind: 'apart';
  readonly pieces: readonly [Piece];
  readonly nature: ApartNature;
}

/**
 * `index`: what it left can be seen. `again`: doing it twice is doing it once. `whole`: it is done or not. `commits`: it may
 * have committed any part of itself.
 */
export type ApartNature =
  | { readonly kind: 'index'; readonly operation: CreateIndex }
  | { readonly kind: 'again' }
  | { readonly kind: 'whole' }
  | { readonly kind: 'commits' };

/**
 * A half as it is sent, statement by statement, or cut as its tool cuts it: but what holds several statements, of which one
 * begins or ends a transaction, is sent one by one, so that what became of each is known.
 */
export function piecesOf(project: RunnerProject, path: string, text: string, section: Section): readonly Piece[] {
  const language = languageOf(project.format, path);
  const readable = readableText(text, [section]);
  const pieceOf = (span: Span): UnplacedPiece =>
    new UnplacedPiece(sentText(text, span, section), span.start, project.engine);
  const statementsIn = (span: Span): readonly UnplacedPiece[] =>
    language.split(project.engine, readable, span).map((statement) => pieceOf(statement.span));
  const pieces =
    section.pieces === undefined
      ? statementsIn(section.span)
      : section.pieces.flatMap((span) => {
          const statements = statementsIn(span);
          return statements.length > 1 && statements.some((each) => controlOf(each) !== undefined)
            ? statements
            : [pieceOf(span)];
        });
  return pieces.map((piece, index) => piece.at(index));
}

/** A piece whose place among the others is not known yet. It is parsed when it is first asked what it does, which most never are. */
class UnplacedPiece implements Omit<Piece, 'statement'> {
  readonly text: string;
  readonly start: number;
  readonly #engine: Pick<Engine, 'parse'>;
  #operations: readonly Operation[] | undefined;

  constructor(text: string, start: number, engine: Pick<Engine, 'parse'>) {
    this.text = text;
    this.start = start;
    this.#engine = engine;
  }

  get operations(): readonly Operation[] {
    this.#operations ??= this.#engine.parse(this.text).operations;
    return this.#operations;
  }

  at(statement: number): Piece {
    const operations = (): readonly Operation[] => this.operations;
    return {
      text: this.text,
      start: this.start,
      statement,
      get operations() {
        return operations();
      },
    };
  }
}

/** Words that every statement about a transaction begins with, in each dialect; others may hold them too. */
const CONTROL_WORDS = /\b(?:begin|start|commit|end|rollback|abort|prepare|savepoint|release)\b/i;

/** Whether a piece has a word that a statement about a transaction begins with. */
export function mayControl({ text }: Pick<Piece, 'text'>): boolean {
  return CONTROL_WORDS.test(text);
}

/** What a statement does with the transaction; undefined for any other. */
export function controlOf(piece: Pick<Piece, 'operations' | 'text'>): 'begin' | 'end' | undefined {
  if (!mayControl(piece)) return undefined;
  const [operation] = piece.operations;
  if (operation?.kind !== 'transaction-control') return undefined;
  switch (operation.action) {
    case 'begin':
      return 'begin';
    case 'commit':
    case 'rollback':
    case 'prepare':
      return 'end';
    default:
      return undefined;
  }
}

/** Units of a half that no transaction of ours is around. `implicit`: as one string, which is a transaction up to its own COMMIT. */
export function unitsOf(pieces: readonly Piece[], isOneString: boolean): readonly Unit[] {
  const units: Unit[] = [];
  let open: Piece[] = [];
  let hasBegun = false;
  const close = (): void => {
    if (open.length > 0) units.push({ kind: 'atomic', pieces: open, hasOwnBegin: hasBegun });
    open = [];
    hasBegun = false;
  };
  for (const piece of pieces) {
    const control = controlOf(piece);
    if (control === 'begin') hasBegun = true;
    if (hasBegun || (isOneString && pieces.length > 1)) {
      open.push(piece);
      if (control === 'end') close();
    } else units.push(unitOf(piece));
  }
  close();
  return units;
}

function unitOf(piece: Piece): Unit {
  if (isSetting(piece)) return { kind: 'setting', pieces: [piece] };
  const nature = natureOf(piece);
  return nature === undefined
    ? { kind: 'atomic', pieces: [piece], hasOwnBegin: false }
    : { kind: 'apart', pieces: [piece], nature };
}

/** Whether a statement changes the session alone. */
function isSetting({ operations }: Piece): boolean {
  return (
    operations.length > 0 &&
    operations.every(
      (operation) =>
        operation.kind === 'set-variable' ||
        (operation.kind === 'pragma' && operation.name === 'foreign_keys') ||
        operation.kind === 'attach-database',
    )
  );
}

/** Words that end a transaction inside a DO block or a procedure. */
const COMMITS = /\b(?:COMMIT|ROLLBACK)\b/i;

function natureOf({ operations, text }: Piece): ApartNature | undefined {
  const [operation] = operations;
  if (operation?.kind === 'create-index' && operation.concurrently) return { kind: 'index', operation };
  const statement = text.replace(/^(?:\s|--[^\n]*\n|\/\*[\s\S]*?\*\/)+/, '');
  if (/^CALL\b/i.test(statement) || (/^DO\b/i.test(statement) && COMMITS.test(statement)))
    return isFill(text) ? { kind: 'again' } : { kind: 'commits' };
  switch (operation?.kind) {
    case 'vacuum':
    case 'checkpoint':
    case 'detach-database':
    case 'pragma':
      return { kind: 'again' };
    case 'reindex':
      return operation.concurrently ? { kind: 'again' } : undefined;
    default:
      return /^DROP\s+INDEX\s+CONCURRENTLY\b/i.test(statement) ? { kind: 'again' } : undefined;
  }
}

/** Whether it is a loop of Lockstep's own, which finds by itself what is left to do. */
function isFill(text: string): boolean {
  return text.includes(FILL_NOTICE);
}
