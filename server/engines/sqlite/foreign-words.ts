import type { Span } from '../../core/span.ts';

/** Statements and clauses that other products have and SQLite has not, with what to write instead where there is something. Source: sqlite.org/lang.html, sqlite.org/omitted.html. */
const STATEMENTS: readonly (readonly [pattern: RegExp, says: string])[] = [
  [/^truncate(?:\s+table)?\b/i, 'SQLite has no TRUNCATE: DELETE without WHERE empties a table.'],
  [
    /^(?:create|drop|alter)\s+(schema|sequence|type|domain|extension|policy|publication|subscription|role|user|database|collation|aggregate|operator|cast|server|rule|statistics|event\s+trigger)\b/i,
    'SQLite has no $1.',
  ],
  [
    /^(?:create(?:\s+or\s+replace)?|drop|alter)\s+(function|procedure|routine|language)\b/i,
    'SQLite has no $1: the program that opens the database defines its functions.',
  ],
  [/^create(?:\s+or\s+replace)?\s+(materialized\s+view)\b/i, 'SQLite has no $1.'],
  [/^(?:drop|alter|refresh)\s+(materialized\s+view)\b/i, 'SQLite has no $1.'],
  [/^create\s+(or\s+replace)\b/i, 'SQLite has no $1: drop it first.'],
  [
    /^create\s+(?:unique\s+)?index\s+(concurrently)\b/i,
    'SQLite has no $1: a write keeps every other writer out anyway.',
  ],
  [/^drop\s+index\s+(concurrently)\b/i, 'SQLite has no $1: a write keeps every other writer out anyway.'],
  [/^create\s+(unlogged)\b/i, 'SQLite has no $1 tables.'],
  [/^(comment\s+on)\b/i, 'SQLite has no $1.'],
  [
    /^(grant|revoke|lock|do|copy|call|merge|discard|notify|listen|unlisten|show|describe|desc|use|rename|cluster|security\s+label|reassign|prepare|execute|deallocate|declare|fetch|checkpoint)\b/i,
    'SQLite has no $1.',
  ],
  [/^(set)\s/i, 'SQLite has no SET: settings are made by PRAGMA.'],
  [/^alter\s+(index|view|trigger)\b/i, 'SQLite has no ALTER $1: drop it and create it again.'],
  [/^alter\s+table\s+(if\s+exists)\b/i, 'SQLite has no $1 in ALTER TABLE.'],
];

/** Words inside a statement that the parser stops at or behind. */
const CLAUSES: readonly (readonly [pattern: RegExp, says: string])[] = [
  [/^alter\s+table\s[^;]*?\b(add\s+column\s+if\s+not\s+exists|drop\s+column\s+if\s+exists)\b/i, 'SQLite has no $1.'],
  [
    /^alter\s+table\s[^;]*?\b(owner\s+to|enable\s+row\s+level\s+security|set\s+schema|modify|change)\b/i,
    'SQLite has no ALTER TABLE ... $1.',
  ],
  [
    /^alter\s+table\s[^;]*?\balter\s+(?:column\s+)?\S+\s+(?:set\s+data\s+)?(type)\b/i,
    'SQLite cannot change the $1 of a column: the table must be rebuilt.',
  ],
  [
    /^alter\s+table\s[^;]*?\balter\s+(?:column\s+)?\S+\s+(set\s+default|drop\s+default)\b/i,
    'SQLite has no ALTER COLUMN ... $1: the table must be rebuilt.',
  ],
  [
    /^alter\s+table\s[^;]*?\badd\s+(?:constraint\s+\S+\s+)?(primary\s+key|unique|foreign\s+key)\b/i,
    'SQLite cannot add a $1 to a table that is there: the table must be rebuilt.',
  ],
  [
    /^drop\s[^;]*\b(cascade|restrict)\s*$/i,
    'SQLite has no $1: what names a dropped table stays, and fails when it is used.',
  ],
  [/^create\s+table\s[^;]*?\b(auto_increment)\b/i, 'SQLite has no $1: INTEGER PRIMARY KEY AUTOINCREMENT does this.'],
  [
    /^create\s+table\s[^;]*?\b(generated\s+(?:always|by\s+default)\s+as\s+identity)\b/i,
    'SQLite has no identity columns: INTEGER PRIMARY KEY gives each row a number.',
  ],
  [
    /^create\s+trigger\s[^;]*?\b(execute\s+(?:function|procedure))\b/i,
    'SQLite has no $1: what a trigger does stands between BEGIN and END.',
  ],
  [/^create\s+(?:unique\s+)?index\s[^;]*?\b(include\s*\()/i, 'SQLite has no INCLUDE in an index.'],
  [/^create\s+(?:unique\s+)?index\s[^;]*?\b(using\s+\w+)\b/i, 'SQLite has no $1: its indexes are all of one kind.'],
  [/^delete\s[^;]*?\b(using)\b/i, 'SQLite has no DELETE ... $1: ask in WHERE, by IN or EXISTS.'],
  [/\b(on\s+conflict\s+on\s+constraint)\b/i, 'SQLite has no $1: write the columns of the key.'],
  [/(::)\s*"?[a-z]/i, 'SQLite has no $1: write CAST (... AS ...).'],
  [/\b(ilike)\b/i, 'SQLite has no $1: LIKE passes over the case of ASCII letters.'],
];

/** What a text that SQLite's grammar refuses has of another product; undefined where nothing is known of it. */
export function foreignWords(text: string, stop: Span): { readonly message: string; readonly span: Span } | undefined {
  for (const [pattern, says] of STATEMENTS) {
    const found = pattern.exec(text);
    if (found !== null) return told(found, says, { start: 0, end: found[0].length });
  }
  // What is quoted or a comment may hold any word.
  const bare = text.replace(/'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\//g, (part) =>
    ' '.repeat(part.length),
  );
  for (const [pattern, says] of CLAUSES) {
    const found = pattern.exec(bare);
    if (found?.[1] === undefined) continue;
    const end = found.index + found[0].length;
    const start = found.index + found[0].lastIndexOf(found[1]);
    // It is why the parser stopped only where it did so there or at the next word.
    if (stop.start >= start - 1 && stop.start <= end + 1) return told(found, says, { start, end });
  }
  return undefined;
}

function told(found: RegExpExecArray, says: string, span: Span): { readonly message: string; readonly span: Span } {
  return { message: says.replace('$1', (found[1] ?? '').replace(/\s+/g, ' ').toUpperCase()), span };
}
