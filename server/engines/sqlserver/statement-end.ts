import type { TokenReader } from './token-reader.ts';

/** Words that begin a statement wherever they stand outside of parentheses, apart from what `goesOn` says. */
const STARTS: ReadonlySet<string> = new Set(
  'ALTER BACKUP BEGIN BREAK BULK CHECKPOINT CLOSE COMMIT CONTINUE CREATE DBCC DEALLOCATE DECLARE DELETE DENY DROP EXEC EXECUTE FETCH GOTO GRANT IF INSERT KILL MERGE OPEN PRINT RAISERROR RECONFIGURE RESTORE RETURN REVERT REVOKE ROLLBACK SAVE SELECT SET SHUTDOWN TRUNCATE UPDATE USE WAITFOR WHILE'.split(
    ' ',
  ),
);

/** Statements with a SET of their own, and ALTER forms with a DROP of their own. */
const SETS = /^(?:UPDATE|ALTER)$/;
const DROPS = /^(?:ROLE|FULLTEXT|SERVER|LOGIN|USER|AVAILABILITY|DATABASE|EVENT|XML|QUEUE)$/;

/**
 * Passes over the rest of a statement that begins with a word: to its semicolon, to a word that begins another one, or to
 * END or ELSE. Statements of T-SQL need nothing between them. `IF` and `WHILE` are passed over to what they run.
 */
export function passOver(reader: TokenReader, first: string, second = ''): void {
  const end = new StatementEnd(first, second);
  while (!reader.isDone && !end.isHere(reader)) {
    if (reader.is('(')) reader.group();
    else reader.next();
  }
}

/** Tells where a statement ends, piece by piece. */
export class StatementEnd {
  readonly #first: string;
  readonly #second: string;
  /** CASE has an ELSE and an END of its own. */
  #cases = 0;
  #sets: number;
  /** The query of INSERT and of a cursor's declaration begin once. */
  #queries: number;

  constructor(first: string, second = '') {
    this.#first = first;
    this.#second = second;
    this.#sets = SETS.test(first) && second !== 'TABLE' ? 1 : 0;
    this.#queries = first === 'INSERT' ? 1 : 0;
  }

  /** Whether the statement has ended before the next piece. */
  isHere(reader: TokenReader): boolean {
    const token = reader.peek();
    if (token?.kind === 'mark') return token.value === ';';
    if (token?.kind !== 'word') return false;
    const previous = reader.peek(-1);
    const before = previous?.kind === 'word' || previous?.kind === 'mark' ? previous.value : '';
    const behind =
      reader.peek(1)?.kind === 'mark' || reader.peek(1)?.kind === 'word' ? reader.peek(1)?.value : undefined;
    // A label.
    if (behind === ':') return true;
    switch (token.value) {
      case 'CASE':
        this.#cases++;
        return false;
      case 'END':
        return this.#cases-- <= 0;
      case 'ELSE':
        return this.#cases === 0;
      case 'FOR':
        if (this.#first === 'DECLARE') this.#queries++;
        return false;
      case 'VALUES':
        this.#queries = 0;
        return false;
      case 'THROW':
        return this.#first === 'IF' || this.#first === 'WHILE';
      default:
        return STARTS.has(token.value) && !this.#goesOn(token.value, before, behind);
    }
  }

  /** Whether a word that begins statements goes on with this one, by the words around it. */
  #goesOn(word: string, before: string, behind: string | undefined): boolean {
    if (/^(?:GRANT|DENY|REVOKE)$/.test(this.#first))
      return /^(?:,|GRANT|DENY|REVOKE|FOR)$/.test(before) || (word === 'GRANT' && before === 'WITH');
    switch (word) {
      case 'SELECT':
        if (this.#queries > 0) {
          this.#queries--;
          return true;
        }
        return /^(?:UNION|ALL|EXCEPT|INTERSECT)$/.test(before);
      case 'EXEC':
      case 'EXECUTE':
        if (this.#queries > 0 && this.#first === 'INSERT') {
          this.#queries--;
          return true;
        }
        return before === 'WITH';
      case 'SET':
        if (this.#first === 'MERGE') return before === 'UPDATE';
        if (this.#first === 'ALTER' && behind === '(') return true;
        if (this.#sets > 0) {
          this.#sets--;
          return true;
        }
        return /^(?:DELETE|UPDATE)$/.test(before);
      case 'DELETE':
      case 'UPDATE':
      case 'INSERT':
        if (before === 'THEN') return this.#first === 'MERGE';
        if (word === 'INSERT') return before === 'BULK';
        return before === 'ON' || (word === 'UPDATE' && before === 'FOR');
      case 'FETCH':
        return /^ROWS?$/.test(before);
      case 'IF':
        return this.#first === 'DROP' && behind === 'EXISTS';
      case 'DROP':
        return this.#first === 'ALTER' && DROPS.test(this.#second);
      default:
        return false;
    }
  }
}
