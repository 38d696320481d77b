import { exportedHalves } from '../../languages/javascript/exported-halves.ts';
import type { Language } from '../../languages/language.ts';
import type { DocumentLayout, Section } from '../../model/migration.ts';
import type { FolderView } from '../file-tree.ts';
import type { Format, WrittenStep } from '../format.ts';
import { downText, stepHeader } from '../step-text.ts';
import { fileFormat, slugOf } from './file-format.ts';

/** How the modules of a tool are written. */
export interface ModuleWords {
  /** The one parameter of each half. */
  readonly runner: string;
  /** Its type, and that of what a half gives, where modules are typed. */
  readonly type: string;
  /** First lines of a typed module. */
  readonly imports: string;
  /** First lines of one that is not typed. */
  readonly plainImports?: string;
  /** The SQL of a step as the body of a half. */
  readonly body: (sql: string, transaction: WrittenStep['transaction']) => string;
  /** What a step outside a transaction has behind its halves: the name that it is exported by, and its value. */
  readonly bare?: readonly [string, string];
}

/** Migrations that are modules with an `up` and a `down`, by their names. */
export interface ModuleFormat {
  /** Names that the tool's generator gives: number, title and extension. */
  readonly name: RegExp;
  /** Every file that it runs. */
  readonly file: RegExp;
  /** Whether it remembers names with their extension. */
  readonly keepsExtension: boolean;
  readonly language: Language;
  readonly section: (
    direction: Section['direction'],
    half: { readonly span: Section['span']; readonly text: string },
    bare: Section['markerSpan'],
  ) => Section;
  readonly words: ModuleWords;
  readonly refuses?: Format['refuses'];
}

export function moduleFormat(view: FolderView, spec: ModuleFormat): Format {
  const newest = view.files.findLast((name) => spec.name.test(name)) ?? '';
  const [, , , extension = 'js'] = spec.name.exec(newest) ?? [];
  const withoutExtension = (name: string): string => name.replace(/\.\w+$/, '');
  return {
    ...fileFormat({
      folder: view.path,
      keyWord: 'name',
      order: 'text',
      isSidecar: (name) => spec.file.test(name),
      read: (file) => {
        if (!spec.file.test(file)) return undefined;
        const id = spec.keepsExtension ? file : withoutExtension(file);
        return { key: id, id, name: spec.name.exec(file)?.[2] ?? withoutExtension(file), half: 'both' };
      },
      layout: (_path, text) => layoutOf(text, spec),
      numbering: { kind: 'timestamp' },
      numberOf: (id) => /^\d+/.exec(id)?.[0],
      ...(spec.refuses === undefined ? {} : { refuses: spec.refuses }),
      write: (number, step, _dialect, texts) => {
        const last = texts.migrations.migrations.at(-1);
        const isModule = last === undefined ? extension !== 'js' : /^export\b/m.test(texts.textOf(last.upPath) ?? '');
        const name = `${number}_${slugOf(step)}.${extension}`;
        return {
          id: spec.keepsExtension ? name : withoutExtension(name),
          files: [{ name, half: 'both', text: moduleText(step, extension, isModule, spec.words) }],
        };
      },
    }),
    languageOf: () => spec.language,
  };
}

function layoutOf(text: string, { section }: ModuleFormat): DocumentLayout {
  const { up, down, bare } = exportedHalves(text);
  const half = (direction: Section['direction'], span: Section['span'] | undefined): readonly Section[] =>
    span === undefined ? [] : [section(direction, { span, text: text.slice(span.start, span.end) }, bare)];
  return { sections: [...half('up', up?.body), ...half('down', down?.body)], problems: [] };
}

function moduleText(step: WrittenStep, extension: string, isModule: boolean, words: ModuleWords): string {
  const isTyped = extension.endsWith('ts');
  const isExported = isModule || isTyped;
  const comment = (text: string): string => text.replaceAll(/^--/gm, '//').replaceAll(/^(?=.)/gm, '  ');
  const half = (name: string, body: string): string => {
    const parameters = isTyped ? `(${words.runner}: ${words.type}): Promise<void>` : `(${words.runner})`;
    return isExported
      ? `export async function ${name}${parameters} {\n${body}}\n`
      : `exports.${name} = async function ${parameters} {\n${body}};\n`;
  };
  const down = step.down === undefined ? comment(downText(step) ?? '') : words.body(step.down, step.transaction);
  const [name, value] = step.transaction === 'one' ? [] : (words.bare ?? []);
  const imports = isTyped ? words.imports : (words.plainImports ?? '');
  return [
    imports === '' ? '' : `${imports}\n\n`,
    half('up', `${comment(stepHeader(step))}${words.body(step.up, step.transaction)}`),
    `\n${half('down', down)}`,
    name === undefined ? '' : `\n${isExported ? 'export const ' : 'exports.'}${name} = ${value};\n`,
  ].join('');
}
