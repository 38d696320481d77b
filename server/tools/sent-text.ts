import type { Span } from '../core/span.ts';
import type { Section } from '../model/migration.ts';

/**
 * A document's text with its placeholders replaced, of the same length, so that every position stays: by their value where
 * it is short enough, else by a name.
 */
export function readableText(text: string, sections: readonly Section[]): string {
  const placeholders = sections.flatMap((section) => section.placeholders ?? []);
  if (placeholders.length === 0) return text;
  let result = '';
  let end = 0;
  for (const { span, name, value } of placeholders.toSorted((left, right) => left.span.start - right.span.start)) {
    const length = span.end - span.start;
    const shown =
      value !== undefined && value.length <= length && !/[\r\n]/.test(value)
        ? value.padEnd(length, ' ')
        : `_${name.replaceAll(/\W/g, '_')}`.slice(0, length).padEnd(length, '_');
    result += text.slice(end, span.start) + shown;
    end = span.end;
  }
  return result + text.slice(end);
}

/** What is sent for a part of a section: its text with every placeholder's value. */
export function sentText(text: string, span: Span, section: Section): string {
  let result = '';
  let end = span.start;
  for (const placeholder of section.placeholders ?? []) {
    if (placeholder.span.start < span.start || placeholder.span.end > span.end) continue;
    result += text.slice(end, placeholder.span.start) + (placeholder.value ?? '');
    end = placeholder.span.end;
  }
  return result + text.slice(end, span.end);
}

/** Why a section with a placeholder that nothing gives a value for cannot be run; undefined where there is none. */
export function blockedByPlaceholder(
  tool: string,
  placeholders: Section['placeholders'],
  where: string,
): string | undefined {
  const unknown = placeholders?.find((placeholder) => placeholder.value === undefined);
  return unknown === undefined
    ? undefined
    : `${tool} replaces "${unknown.name}" here, and ${where} gives it no value: set it there, or apply with ${tool} itself.`;
}
