import { inOneLine } from '../../core/one-line.ts';
import type { Unit } from './unit.ts';

/** How much of a statement stands in a sentence about it. */
const MOST_CHARACTERS = 70;

/** A statement for people, in one line and short. */
export function sentenceName({ text }: Pick<Unit, 'text'>): string {
  const line = inOneLine(text).replaceAll(/\s+/g, ' ').replaceAll('"', '');
  return line.length <= MOST_CHARACTERS ? line : `${line.slice(0, MOST_CHARACTERS)}...`;
}
