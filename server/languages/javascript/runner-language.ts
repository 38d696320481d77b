import { embeddedLanguage, statementTexts } from '../embedded/embedded-language.ts';
import type { Language } from '../language.ts';
import type { MigrationMethod } from './migration-method.ts';
import { runnerCalls, type Runner } from './runner-calls.ts';

/** What a tool's migrations in JavaScript or TypeScript are. */
export interface RunnerForm extends Pick<Language, 'id' | 'title' | 'step'> {
  readonly halvesIn: (text: string) => {
    readonly up: MigrationMethod | undefined;
    readonly down: MigrationMethod | undefined;
  };
  readonly runner: Runner;
  /** Characters that a text of the program cannot hold as they are, where the tool reads more than JavaScript does. */
  readonly unwritable?: RegExp;
}

/** In a text of JavaScript these would need another form, which differs by the kind of text. */
const UNWRITABLE = /["'`\\$\r\n]/;

/** Migrations with an `up` and a `down` that send their SQL through one object. */
export function runnerLanguage({ halvesIn, runner, unwritable = UNWRITABLE, ...form }: RunnerForm): Language {
  return embeddedLanguage({
    ...form,
    commentMark: '//',
    unwritable,
    callsIn: (text, within) => {
      const { up, down } = halvesIn(text);
      return [up, down]
        .filter((method) => method !== undefined)
        .filter(({ body }) => body.start >= within.start && body.end <= within.end)
        .flatMap((method) => runnerCalls(text, method, runner));
    },
  });
}

/** A template literal for each statement of some SQL, in the words of a call that sends it. */
export function templateCalls(sql: string, call: (template: string) => string): string {
  return statementTexts(sql)
    .map((part) => call(`\`${part.replaceAll(/[\\`]|\$(?=\{)/g, (found) => `\\${found}`)}\``))
    .join('');
}
