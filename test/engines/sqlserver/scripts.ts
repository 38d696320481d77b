import { readFileSync } from 'node:fs';
import path from 'node:path';
import { recordedAnswers } from '../../efcore/oracle/oracle.ts';
import { tokensOf } from '../../../server/engines/sqlserver/tokens.ts';

/** What people write in migrations for SQL Server, one script each; a few are no T-SQL. */
const WRITTEN: readonly string[] = readFileSync(path.join(import.meta.dirname, 'scripts.sql'), 'utf8')
  .split(/^-{8,}\s*$/m)
  .map((script) => script.trim())
  .filter((script) => script !== '');

/** Numbers between 0 and 1, the same for the same seed. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** A script with other white space, without semicolons, with comments, or cut off. */
function mutated(script: string, pick: () => number): string {
  const tokens = tokensOf(script);
  const kind = Math.floor(pick() * 5);
  if (kind === 4) return script.slice(0, tokens[Math.floor(pick() * tokens.length)]?.end ?? 0);
  let text = '';
  let at = 0;
  for (const token of tokens) {
    const between = script.slice(at, token.start);
    const isGap = between.trim() === '' && between !== '' && !/^\s*GO\s*$/im.test(lineOf(script, token.start));
    if (kind === 1 && isGap) text += pick() < 0.3 ? ' /* a ; b */ ' : between;
    else if (kind === 2 && isGap) text += pick() < 0.3 ? " -- ; it's\n" : between;
    else text += between;
    const source = script.slice(token.start, token.end);
    if (kind === 0 && token.kind === 'mark' && token.value === ';') text += '\n';
    else if (kind === 3 && token.kind === 'word') text += pick() < 0.5 ? source.toLowerCase() : source.toUpperCase();
    else text += source;
    at = token.end;
  }
  return text + script.slice(at);
}

function lineOf(text: string, offset: number): string {
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  const end = text.indexOf('\n', offset);
  return text.slice(start, end < 0 ? text.length : end);
}

/** Every script that both readers are given: what EF Core writes, what people write, and both mutated and joined. */
export function scripts(): readonly string[] {
  const generated = recordedAnswers('sqlserver').flatMap((line) =>
    'designer' in line
      ? []
      : line.answers.flatMap(({ answer }) => ('error' in answer ? [] : answer.map((command) => String(command)))),
  );
  // Variables that only count up make no other script.
  const distinct = [...new Map(generated.map((text) => [text.replaceAll(/@(\w+?)\d+\b/g, '@$1'), text])).keys()];
  const base = [...WRITTEN, ...distinct];
  const pick = random(12);
  const some = (): string => base[Math.floor(pick() * base.length)] ?? '';
  const changed = Array.from({ length: 500 }, () => mutated(some(), pick));
  const joined = Array.from({ length: 150 }, () => `${some().replace(/;\s*$/, '')}\n${some()}`);
  return [...new Set([...base, ...changed, ...joined])];
}
