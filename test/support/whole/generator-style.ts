/** How one generator names and writes; `t` and `c` give quoted names of a table and a column from plain words. */
export interface GeneratorStyle {
  readonly name: string;
  t(table: 'users' | 'orders' | 'teams'): string;
  c(column: string): string;
  text: string;
  /** Name of what a generator makes over a table's columns. */
  made(kind: 'index' | 'unique' | 'key' | 'primary', table: 'users' | 'orders' | 'teams', column: string): string;
  /** Statements as the generator puts them into one file. */
  file(statements: readonly string[]): string;
  readonly addWord: string;
  readonly typeWords: string;
  readonly keyTail: string;
}

const pascal = (word: string): string =>
  word
    .split('_')
    .map((part) => `${part[0]?.toUpperCase() ?? ''}${part.slice(1)}`)
    .join('');
const camel = (word: string): string => {
  const whole = pascal(word);
  return `${whole[0]?.toLowerCase() ?? ''}${whole.slice(1)}`;
};
const one = (table: string): string => table.replace(/s$/, '');
const quoted = (name: string): string => `"${name}"`;
const hash = (word: string): string =>
  [...word]
    .reduce((sum, letter) => (Math.imul(sum, 31) + letter.charCodeAt(0)) >>> 0, 7)
    .toString(16)
    .padStart(8, '0');
const lines = (statements: readonly string[]): string => `${statements.join(';\n')};\n`;

/** Six generators of SQL migrations for PostgreSQL. */
export const GENERATORS: readonly GeneratorStyle[] = [
  {
    name: 'prisma',
    t: (table) => quoted(pascal(one(table))),
    c: (column) => quoted(camel(column)),
    text: 'TEXT',
    made: (kind, table, column) =>
      `${pascal(one(table))}_${camel(column)}_${{ index: 'idx', unique: 'key', key: 'fkey', primary: 'pkey' }[kind]}`,
    file: (statements) => statements.map((statement) => `-- Alter\n${statement};\n`).join('\n'),
    addWord: 'ADD COLUMN    ',
    typeWords: 'SET DATA TYPE',
    keyTail: ' ON DELETE RESTRICT ON UPDATE CASCADE',
  },
  {
    name: 'drizzle',
    t: quoted,
    c: quoted,
    text: 'text',
    made: (kind, table, column) =>
      `${table}_${column}_${{ index: 'idx', unique: 'unique', key: 'teams_id_fk', primary: 'pk' }[kind]}`,
    file: (statements) => `${statements.join(';--> statement-breakpoint\n')};`,
    addWord: 'ADD COLUMN',
    typeWords: 'SET DATA TYPE',
    keyTail: ' ON DELETE no action ON UPDATE no action',
  },
  {
    name: 'ef-core',
    t: (table) => quoted(pascal(table)),
    c: (column) => quoted(pascal(column)),
    text: 'text',
    made: (kind, table, column) =>
      `${{ index: 'IX', unique: 'IX', key: 'FK', primary: 'PK' }[kind]}_${pascal(table)}_${pascal(column)}`,
    file: (statements) => statements.map((statement) => `${statement};\n\n`).join(''),
    addWord: 'ADD',
    typeWords: 'TYPE',
    keyTail: ' ON DELETE CASCADE',
  },
  {
    name: 'django',
    t: (table) => quoted(`app_${one(table)}`),
    c: quoted,
    text: 'text',
    made: (kind, table, column) =>
      `app_${one(table)}_${column}_${hash(table + column)}${{ index: '', unique: '_uniq', key: `_fk_app_team_id`, primary: '_pkey' }[kind]}`,
    file: (statements) => statements.map((statement) => `--\n-- Alter field\n--\n${statement};\n`).join(''),
    addWord: 'ADD COLUMN',
    typeWords: 'TYPE',
    keyTail: ' DEFERRABLE INITIALLY DEFERRED',
  },
  {
    name: 'rails',
    t: quoted,
    c: quoted,
    text: 'character varying',
    made: (kind, table, column) =>
      kind === 'key'
        ? `fk_rails_${hash(table + column)}`
        : kind === 'primary'
          ? `${table}_pkey`
          : `index_${table}_on_${column}`,
    file: lines,
    addWord: 'ADD',
    typeWords: 'TYPE',
    keyTail: '',
  },
  {
    name: 'typeorm',
    t: (table) => quoted(one(table)),
    c: (column) => quoted(camel(column)),
    text: 'character varying',
    made: (kind, table, column) =>
      `${{ index: 'IDX', unique: 'UQ', key: 'FK', primary: 'PK' }[kind]}_${hash(`${kind}${table}${column}`)}`,
    file: lines,
    addWord: 'ADD',
    typeWords: 'TYPE',
    keyTail: ' ON DELETE NO ACTION ON UPDATE NO ACTION',
  },
];
