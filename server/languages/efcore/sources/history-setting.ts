/** What a program says of the history of its contexts. */
export interface HistorySetting {
  /** The context's class; undefined where the place does not say. */
  readonly context?: string;
  /** Undefined: the default name. */
  readonly table?: string;
  readonly schema?: string;
  /** Words of a name that is only known when the program runs. */
  readonly unread?: string;
}

/** How EFCore.NamingConventions spells names, the history's columns too. */
export type NamingConvention = 'SnakeCase' | 'LowerCase' | 'CamelCase' | 'UpperSnakeCase' | 'UpperCase';

const CALL = /\.MigrationsHistoryTable\s*\(((?:[^()"]|"(?:[^"\\]|\\.)*"|\([^()]*\))*)\)/g;
/** Where the context of what follows is named: its registration, its options, its own class. */
const CONTEXT =
  /\b(?:AddDbContext(?:Pool|Factory)?|AddPooledDbContextFactory|DbContextOptionsBuilder|IDesignTimeDbContextFactory)\s*<\s*(?:\w+\.)*(\w+)\s*[>,]|\bclass\s+(\w+)\s*(?:\([^)]*\))?\s*:\s*(?:\w+\.)*\w*DbContext\b/g;
const CONSTANT = /\bconst\s+string\s+(\w+)\s*=\s*"((?:[^"\\]|\\.)*)"/g;

/** What some files of a program, C# each, say of the histories of its contexts. */
export function historySettings(texts: readonly string[]): readonly HistorySetting[] {
  const plain = texts.map(withoutComments);
  const constants = new Map<string, string | undefined>();
  // Of two with one name it is not known which is meant.
  for (const text of plain)
    for (const [, name = '', value = ''] of text.matchAll(CONSTANT))
      constants.set(name, constants.has(name) && constants.get(name) !== value ? undefined : value);
  return plain.flatMap((text) =>
    [...text.matchAll(CALL)].map((call) => {
      const before = [...text.slice(0, call.index).matchAll(CONTEXT)].at(-1);
      const context = before?.[1] ?? before?.[2];
      return { ...(context === undefined ? {} : { context }), ...settingOf(call[1] ?? '', constants) };
    }),
  );
}

/** The naming convention that a program's contexts have; undefined where there is none, or more than one. */
export function namingConvention(texts: readonly string[]): NamingConvention | undefined {
  const found = new Set(
    texts.flatMap((text) =>
      [
        ...withoutComments(text).matchAll(
          /\.Use(SnakeCase|LowerCase|CamelCase|UpperSnakeCase|UpperCase)NamingConvention\s*\(/g,
        ),
      ].map(
        // The pattern has these words alone.
        ([, name]) => name as NamingConvention,
      ),
    ),
  );
  const [convention] = found;
  return found.size === 1 ? convention : undefined;
}

/** The name of a column of the history under a convention. Source: EFCore.NamingConventions, NameRewriters. */
export function spelled(name: 'MigrationId' | 'ProductVersion', convention: NamingConvention | undefined): string {
  const snake = name.replace(/(?<=[a-z])(?=[A-Z])/g, '_');
  switch (convention) {
    case 'SnakeCase':
      return snake.toLowerCase();
    case 'UpperSnakeCase':
      return snake.toUpperCase();
    case 'LowerCase':
      return name.toLowerCase();
    case 'UpperCase':
      return name.toUpperCase();
    case 'CamelCase':
      return name.charAt(0).toLowerCase() + name.slice(1);
    case undefined:
      return name;
  }
}

function settingOf(words: string, constants: ReadonlyMap<string, string | undefined>): Omit<HistorySetting, 'context'> {
  const parts = words
    .split(/,(?=(?:[^"]*"[^"]*")*[^"]*$)/)
    .map((part) => part.trim())
    .filter((part) => part !== '');
  const values: Partial<Record<'table' | 'schema', string | undefined>> = {};
  for (const [index, part] of parts.entries()) {
    const [, name, value = ''] = /^(?:(tableName|schema)\s*:\s*)?([\s\S]*)$/.exec(part) ?? [];
    const read = nameIn(value, constants);
    if (read === 'unread') return { unread: value };
    values[name === 'schema' || (name === undefined && index === 1) ? 'schema' : 'table'] = read;
  }
  const { table, schema } = values;
  return { ...(table === undefined ? {} : { table }), ...(schema === undefined ? {} : { schema }) };
}

/** A name as it is written; undefined for the default, or for none. */
function nameIn(text: string, constants: ReadonlyMap<string, string | undefined>): string | 'unread' | undefined {
  const literal = /^@?"((?:[^"\\]|\\.)*)"$/.exec(text)?.[1];
  if (literal !== undefined) return literal;
  if (/\bDefaultTableName$/.test(text) || text === 'null' || text === 'null!') return undefined;
  return constants.get(/(\w+)$/.exec(text)?.[1] ?? '') ?? 'unread';
}

/** Comments as spaces; text in quotes stays. */
function withoutComments(text: string): string {
  return text.replaceAll(/"(?:[^"\\\r\n]|\\.)*"|\/\/[^\n]*|\/\*[\s\S]*?\*\//g, (match) =>
    match.startsWith('"') ? match : match.replaceAll(/[^\n]/g, ' '),
  );
}
