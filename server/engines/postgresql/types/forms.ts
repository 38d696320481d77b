import { FUNCTION_FORMS } from './function-forms.ts';
import { OPERATOR_FORMS } from './operator-forms.ts';

/** One form of a built-in function or operator, in internal type names. */
export interface Form {
  readonly types: readonly string[];
  /** The last argument may come any number of times. */
  readonly variadic: boolean;
  /** How many of the last arguments have defaults. */
  readonly defaults: number;
  readonly result: string;
  readonly isSet: boolean;
  readonly kind: 'function' | 'aggregate' | 'window' | 'procedure';
  readonly since: number;
  readonly until: number;
}

const KINDS: Readonly<Record<string, Form['kind']>> = { '&': 'aggregate', '%': 'window', '#': 'procedure' };

function readForm(text: string): Form | undefined {
  const match = /^([^)]*?)(\.\.\.)?(?:\/(\d+))?\)(\*?)([&%#]?)([^@!]+)(?:@(\d+))?(?:!(\d+))?$/.exec(text);
  if (match === null) return undefined;
  const [, types = '', variadic, defaults, set, kind = '', result = '', since, until] = match;
  return {
    types: types === '' ? [] : types.split(','),
    variadic: variadic !== undefined,
    defaults: Number(defaults ?? 0),
    result,
    isSet: set === '*',
    kind: KINDS[kind] ?? 'function',
    since: Number(since ?? 0),
    until: Number(until ?? Number.POSITIVE_INFINITY),
  };
}

/** Forms by name, each name's read when it is first asked for. */
export class FormTable {
  readonly #lines: ReadonlyMap<string, string>;
  readonly #read = new Map<string, readonly Form[]>();

  constructor(text: string) {
    this.#lines = new Map(
      text
        .trim()
        .split('\n')
        .map((line) => {
          const space = line.indexOf(' ');
          return [line.slice(0, space), line.slice(space + 1)] as const;
        }),
    );
  }

  /** Forms that a server of a version has; none where it has no such name. */
  of(name: string, version: number): readonly Form[] {
    return this.all(name).filter((form) => form.since <= version && version <= form.until);
  }

  all(name: string): readonly Form[] {
    const known = this.#read.get(name);
    if (known !== undefined) return known;
    const line = this.#lines.get(name);
    const forms = line === undefined ? [] : line.split(' ').flatMap((text) => readForm(text) ?? []);
    this.#read.set(name, forms);
    return forms;
  }

  names(): Iterable<string> {
    return this.#lines.keys();
  }
}

/** Read when the first statement asks for one: most sessions begin without. */
let functions: FormTable | undefined;
let operators: FormTable | undefined;

/** Built-in functions by name. */
export function functionForms(): FormTable {
  functions ??= new FormTable(FUNCTION_FORMS);
  return functions;
}

/** Built-in operators by their sign; the left type of a prefix operator is `-`. */
export function operatorForms(): FormTable {
  operators ??= new FormTable(OPERATOR_FORMS);
  return operators;
}
