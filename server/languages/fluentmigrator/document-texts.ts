import type { FluentDocument } from './migration-class.ts';
import { readFluentDocument } from './read-document.ts';

/** Documents that are kept, so that a project is listed and linted by one reading: more than most projects have. */
const MOST_KEPT = 1_000;

const kept = new Map<string, FluentDocument>();

/** What a document says; read once for each text. */
export function fluentDocumentOf(text: string): FluentDocument {
  const known = kept.get(text);
  if (known !== undefined) return known;
  const read = readFluentDocument(text);
  const oldest = kept.size >= MOST_KEPT ? kept.keys().next().value : undefined;
  if (oldest !== undefined) kept.delete(oldest);
  kept.set(text, read);
  return read;
}
