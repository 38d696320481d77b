import { inOneLine } from '../../core/one-line.ts';
import type { Unit } from './unit.ts';

/** How much of a statement stands in a sentence about it. */
const MOST_CHARACTERS = 70;

/** A DO block, behind the comments before it. */
export const BLOCK = /^(?:\s|--[^\n]*\n|\/\*[^]*?\*\/)*do\b/i;

/** A statement for people, in one line and short. */
export function sentenceName({ text }: Pick<Unit, 'text'>): string {
  if (BLOCK.test(text)) return 'A block, as it is written';
  const line = inOneLine(text).replaceAll(/\s+/g, ' ').replaceAll('"', '');
  return line.length <= MOST_CHARACTERS ? line : `${line.slice(0, MOST_CHARACTERS)}...`;
}
