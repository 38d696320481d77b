import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  editInDocument,
  fromDocument,
  inDocument,
  moveMapped,
  plainInDocument,
  sliceMapped,
  type MappedText,
  type SourcePiece,
} from '../../server/core/source-map.ts';

/** A text that a document writes in pieces, between quotes; `made` pieces stand for nothing that is written. */
function written(
  pieces: readonly { readonly says: string; readonly as?: string | undefined; readonly made?: boolean }[],
): {
  readonly document: string;
  readonly mapped: MappedText;
} {
  let document = 'x = "';
  let text = '';
  const map: SourcePiece[] = [];
  for (const { says, as, made } of pieces) {
    const start = document.length;
    if (made !== true) document += as ?? says;
    map.push({
      kind: made === true ? 'made' : as === undefined ? 'plain' : 'written',
      text: { start: text.length, end: text.length + says.length },
      source: { start, end: document.length },
    });
    text += says;
  }
  return { document: `${document}";`, mapped: { text, span: { start: 5, end: document.length }, map } };
}

const { document, mapped } = written([
  { says: 'DROP ' },
  { says: '"', as: '\\"' },
  { says: 'users' },
  { says: '"', as: '\\"' },
  { says: ' CASCADE' },
]);
const shown = (span: { readonly start: number; readonly end: number } | undefined): string | undefined =>
  span === undefined ? undefined : document.slice(span.start, span.end);

describe('a text that a document writes in pieces', () => {
  test('spans are exact in plain pieces and whole in others', () => {
    expect(shown(inDocument(mapped, { start: 0, end: 4 }))).toBe('DROP');
    expect(shown(inDocument(mapped, { start: 7, end: 9 }))).toBe('se');
    expect(shown(inDocument(mapped, { start: 5, end: 12 }))).toBe('\\"users\\"');
    expect(shown(inDocument(mapped, { start: 5, end: 6 }))).toBe('\\"');
    expect(inDocument(mapped, { start: 2, end: 2 })).toEqual({ start: 7, end: 7 });
  });

  test('only a plain slice can be edited', () => {
    expect(shown(plainInDocument(mapped, { start: 6, end: 11 }))).toBe('users');
    expect(plainInDocument(mapped, { start: 4, end: 7 })).toBeUndefined();
    expect(editInDocument(mapped, { span: { start: 5, end: 12 }, newText: 'x' })).toBeUndefined();
    expect(editInDocument(mapped, { span: { start: 20, end: 20 }, newText: ';' })?.span).toEqual({
      start: 27,
      end: 27,
    });
  });

  test('plain pieces that are apart in the document are no slice', () => {
    const apart: MappedText = {
      text: 'ab',
      span: { start: 1, end: 8 },
      map: [
        { kind: 'plain', text: { start: 0, end: 1 }, source: { start: 1, end: 2 } },
        { kind: 'plain', text: { start: 1, end: 2 }, source: { start: 7, end: 8 } },
      ],
    };
    expect(plainInDocument(apart, { start: 0, end: 2 })).toBeUndefined();
    expect(inDocument(apart, { start: 0, end: 2 })).toEqual({ start: 1, end: 8 });
    expect(plainInDocument(apart, { start: 1, end: 2 })).toEqual({ start: 7, end: 8 });
  });

  test('what was made stands where its maker does, and what is written in it where it is written', () => {
    const call: MappedText = {
      text: 'ALTER TABLE users',
      span: { start: 10, end: 40 },
      map: [
        { kind: 'made', text: { start: 0, end: 12 }, source: { start: 10, end: 40 } },
        { kind: 'plain', text: { start: 12, end: 17 }, source: { start: 22, end: 27 } },
      ],
    };
    expect(inDocument(call, { start: 0, end: 5 })).toEqual({ start: 10, end: 40 });
    expect(inDocument(call, { start: 6, end: 17 })).toEqual({ start: 22, end: 27 });
    expect(fromDocument(call, 24)).toBe(14);
    expect(fromDocument(call, 12)).toBeUndefined();
    expect(plainInDocument(call, { start: 6, end: 17 })).toBeUndefined();
  });

  test('any document: every plain character is found where it is, there and back, also in a part that was moved', () => {
    const piece = fc.record({
      says: fc.string({ minLength: 1, maxLength: 5 }),
      as: fc.option(fc.string({ minLength: 1, maxLength: 4 }), { nil: undefined }),
      made: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1, maxLength: 6 }), fc.nat(), fc.nat(), (pieces, from, length) => {
        const whole = written(pieces);
        const start = from % whole.mapped.text.length;
        const end = start + 1 + (length % (whole.mapped.text.length - start));
        const part = sliceMapped(whole.mapped, {
          text: whole.mapped.text.slice(start, end),
          span: { start, end },
        });
        const moved = moveMapped(part, 7);
        const text = `1234567${whole.document}`;
        for (let offset = 0; offset < part.text.length; offset++) {
          const span = { start: offset, end: offset + 1 };
          expect(inDocument(part, span)).toEqual(
            inDocument(whole.mapped, { start: start + offset, end: start + offset + 1 }),
          );
          const plain = plainInDocument(moved, span);
          if (plain === undefined) continue;
          expect(text.slice(plain.start, plain.end)).toBe(part.text[offset]);
          expect(fromDocument(moved, plain.start)).toBe(offset);
        }
      }),
    );
  });
});
