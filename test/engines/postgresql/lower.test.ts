import { describe, expect, test } from 'vitest';
import type { ObjectName } from '../../../server/model/names.ts';
import { tokenize } from '../../../server/engines/postgresql/lexer.ts';
import { postgresFront } from '../../support/postgres-engine.ts';
import { STATEMENTS } from './statements.ts';

const dialect = await postgresFront();

/** Every object name in a value, with its span. */
function namesIn(value: unknown): ObjectName[] {
  if (value === null || typeof value !== 'object') return [];
  const found = Object.values(value).flatMap(namesIn);
  const isName =
    'name' in value &&
    typeof value.name === 'string' &&
    'span' in value &&
    !('kind' in value) &&
    !('display' in value) &&
    !('modifiers' in value) &&
    !('nameSpan' in value);
  // The test above leaves only object names.
  return isName ? [value as ObjectName, ...found] : found;
}

/** Every span in a value. */
function spansIn(value: unknown): { start: number; end: number }[] {
  if (value === null || typeof value !== 'object') return [];
  const isSpan = Object.keys(value).join() === 'start,end';
  // A value with exactly these two keys is a span.
  return isSpan ? [value as { start: number; end: number }] : Object.values(value).flatMap(spansIn);
}

describe('every statement of the grammar', () => {
  test.each(STATEMENTS)('%s', (sql, kinds) => {
    for (const prefix of ['', '/* 😀é */ ']) {
      const text = prefix + sql;
      const body = dialect.parse(text);
      expect(body.operations.map((operation) => operation.kind).join(' ')).toBe(kinds);
      expect(body.problems.filter((problem) => problem.kind === 'syntax')).toEqual([]);
      expect(body.problems.length).toBe(body.operations.filter((operation) => operation.kind === 'opaque').length);
      for (const span of spansIn(body)) {
        expect(span.start).toBeGreaterThanOrEqual(prefix === '' ? 0 : prefix.length);
        expect(span.end).toBeGreaterThanOrEqual(span.start);
        expect(span.end).toBeLessThanOrEqual(text.length);
      }
      for (const name of namesIn(body.operations)) {
        const written = text.slice(name.span.start, name.span.end);
        // Casts and transforms have no name, CREATE SCHEMA gives its elements one that is not written there.
        if (/ AS |FOR /.test(name.name) || sql.startsWith('CREATE SCHEMA s CREATE')) continue;
        const parts = tokenize(written)
          .filter((token) => token.value !== '.')
          .map((token) => token.value);
        expect(
          [name.schema, name.name]
            .filter((part) => part !== undefined)
            .join('.')
            .toLowerCase(),
          written,
        ).toBe(name.name.startsWith('=') ? '===' : parts.join('.').toLowerCase());
      }
    }
  });
});
