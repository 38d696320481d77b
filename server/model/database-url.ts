import { ENGINE_IDS, type EngineId } from './engine-id.ts';

/** How a person names a database of a product. */
export interface UrlForm {
  /** What such a name begins with, in any case; a source, because settings and their schema have it too. */
  readonly begins: string;
  /** Other things that a connection string of the product may begin with. */
  readonly alsoBegins?: string;
  readonly example: string;
  /** It names a file, and so never holds a password. */
  readonly file?: {
    /** Names of such files. */
    readonly names: RegExp;
    readonly scheme: string;
  };
}

export const URL_FORMS: Readonly<Record<EngineId, UrlForm>> = {
  postgresql: {
    begins: 'postgres(?:ql)?://',
    alsoBegins: '[a-z_]+\\s*=',
    example: 'postgres://host:5432/database',
  },
  sqlite: {
    begins: 'sqlite3?:|file:',
    example: 'sqlite:path/to/app.db',
    file: { names: /\.(?:db|sqlite3?)$/i, scheme: 'sqlite:' },
  },
};

/** What the URL of a file begins with, as the source of an expression. */
export const FILE_URL = `^(?:${ENGINE_IDS.filter((id) => URL_FORMS[id].file !== undefined)
  .map((id) => URL_FORMS[id].begins)
  .join('|')})`;

/** Whether a URL names a file: such a one holds no password. */
export function isFileUrl(url: string): boolean {
  return new RegExp(FILE_URL, 'i').test(url);
}

/** Whether a URL names a database on a server. */
export function isServerUrl(url: string): boolean {
  return ENGINE_IDS.some(
    (id) => URL_FORMS[id].file === undefined && new RegExp(`^(?:${URL_FORMS[id].begins})`, 'i').test(url),
  );
}

/** Whether a text begins as the name of a database does, written as a URL or in another form. */
export function isDatabaseName(text: string): boolean {
  return ENGINE_IDS.some((id) => {
    const { begins, alsoBegins } = URL_FORMS[id];
    return new RegExp(`^(?:${begins}${alsoBegins === undefined ? '' : `|${alsoBegins}`})`, 'i').test(text);
  });
}

/** URLs of every product, for a person who is to write one: "postgres://... or sqlite:...". */
export function urlExamples(): string {
  return ENGINE_IDS.map((id) => URL_FORMS[id].example).join(' or ');
}
