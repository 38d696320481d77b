import type { Schema } from '../../../model/schema.ts';
import { fitsForm } from './coerce.ts';
import { EXTENSION_FORMS } from './extension-forms.ts';
import { EXTENSION_MEMBERS, type ExtensionMembers } from './extension-members.ts';
import { type Form, FormTable } from './forms.ts';
import type { ValueType } from './value-type.ts';

/** What a schema's extensions bring, as far as names and types of expressions ask. */
export class Brought {
  readonly #known: readonly ExtensionMembers[];
  readonly #names: readonly string[];
  /** One of which it is not known, or not in full, what it brings. */
  readonly #hasUnknown: boolean;
  /** Whether what a known extension brings is there only where that is listed: a catalog lists all, a history what it makes. */
  readonly #isClosed: boolean;

  constructor(schema: Schema) {
    const made = withRequired(schema.extensions ?? []);
    this.#names = made;
    this.#known = made.flatMap((name) => EXTENSION_MEMBERS[name] ?? []);
    this.#hasUnknown = this.#known.length < made.length || this.#known.some((members) => members.isPartial === true);
    this.#isClosed = !this.#hasUnknown && schema.isComplete;
  }

  /** Whether an extension may have given a form to the name of one of the system's own functions. */
  hasFormsOf(name: string): boolean {
    return this.#hasUnknown || this.#known.some(({ shared }) => shared?.has(name) === true);
  }

  /** Whether an extension may have an operator for these two. */
  mayHaveOperator(sign: string, left: ValueType, right: ValueType): boolean {
    if (this.#hasUnknown) return true;
    const isOpen = left.name === 'unknown' || right.name === 'unknown';
    if (isOpen && this.#known.some(({ signs }) => signs?.has(sign) === true)) return true;
    return this.operator(sign, left, right) !== undefined;
  }

  /** An extension's operator for two of the system's own types. */
  operator(sign: string, left: ValueType, right: ValueType): Form | undefined {
    const all = this.#isClosed ? this.#known : Object.values(EXTENSION_MEMBERS);
    for (const { operators } of all) {
      if (operators === undefined) continue;
      const form = formsOf(operators, sign).find((each) => each.types[0] !== '-' && fitsForm([left, right], each));
      if (form !== undefined) return form;
    }
    return undefined;
  }

  /** Forms of a function that an extension brings; none where others may have more. */
  functionForms(name: string): readonly Form[] {
    if (this.#hasUnknown) return [];
    for (const extension of this.#names) {
      const text = EXTENSION_FORMS[extension];
      const forms = text === undefined ? [] : formsOf(text, name);
      if (forms.length > 0) return forms;
    }
    return [];
  }

  /** The extension that brings a function, where no migration made that one and it surely is not there. */
  lacksFunction(name: string): string | undefined {
    return this.#lacking(({ functions }) => functions?.has(name) === true);
  }

  /** The same for an operator class. */
  lacksOperatorClass(name: string): string | undefined {
    return this.#lacking(({ operatorClasses }) => operatorClasses?.has(name) === true);
  }

  /** The same for a type. */
  lacksType(name: string): string | undefined {
    return this.#lacking(({ types }) => types?.has(name) === true);
  }

  #lacking(brings: (members: ExtensionMembers) => boolean): string | undefined {
    if (!this.#isClosed || this.#known.some(brings)) return undefined;
    return Object.entries(EXTENSION_MEMBERS).find(([, members]) => brings(members))?.[0];
  }
}

function withRequired(names: readonly string[]): readonly string[] {
  const all = new Set(names);
  for (const name of all) for (const needed of EXTENSION_MEMBERS[name]?.requires ?? []) all.add(needed);
  return [...all];
}

const tables = new Map<string, FormTable>();

function formsOf(text: string, sign: string): readonly Form[] {
  const table = tables.get(text) ?? new FormTable(text);
  tables.set(text, table);
  return table.all(sign);
}

/** What a list of extensions brings is the same as long as the list is. */
const ofHistory = new WeakMap<readonly string[], Brought>();
const ofCatalog = new WeakMap<readonly string[], Brought>();
const NONE: readonly string[] = [];

/** What a schema's extensions bring. */
export function broughtBy(schema: Schema): Brought {
  const key = schema.extensions ?? NONE;
  // A schema without extensions is closed or open by what else is known of it.
  if (key.length === 0) return new Brought(schema);
  const brought = schema.isComplete ? ofCatalog : ofHistory;
  const known = brought.get(key) ?? new Brought(schema);
  brought.set(key, known);
  return known;
}
