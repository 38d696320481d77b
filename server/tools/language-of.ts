import type { Language } from '../languages/language.ts';
import { sqlLanguage } from '../languages/sql/sql-language.ts';
import type { Format } from './format.ts';

/** The language that a document of a format is written in: SQL where the format says nothing else. */
export function languageOf(format: Pick<Format, 'languageOf'>, path: string): Language {
  return format.languageOf?.(path) ?? sqlLanguage;
}
