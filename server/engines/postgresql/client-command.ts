import type { StatementBody } from '../engine.ts';
import type { Opaque } from '../../model/operation.ts';
import { opaqueIn } from './body.ts';
import { POSTGRESQL } from './product.ts';
import type { Region } from './region.ts';

/** Commands of psql that look, print or set how psql itself works: what the script does to the database is the same without. */
const WITHOUT_EFFECT =
  /^\\(?:echo|qecho|warn|set|unset|timing|pset|encoding|restrict|unrestrict|prompt|getenv|setenv|errverbose|conninfo|password|cd|out?|qecho|print|reset|help|copyright|l[+]?|d\w*[S+]*|s[fv][+]?|z|p|r|h|H|t|a|f|x|C|T|\?|w|write|s)(?:\s|$)/;

/** What the others do, for people. */
const EFFECTS: Readonly<Record<string, string>> = {
  c: 'what follows is run in another database',
  connect: 'what follows is run in another database',
  i: 'another file is run here',
  include: 'another file is run here',
  ir: 'another file is run here',
  include_relative: 'another file is run here',
  gexec: 'what the query gives is run as SQL',
  q: 'what follows is not run',
  quit: 'what follows is not run',
  '!': 'a program is run here',
};

/**
 * One line of psql's own, from its backslash on. `parse` reads the SQL that `\copy` sends.
 *
 * Source: PostgreSQL manual, "psql", Meta-Commands.
 */
export function readClientCommand(region: Region, parse: (text: string) => StatementBody): StatementBody {
  const { text } = region;
  const client = POSTGRESQL.client?.name ?? '';
  const [, word = ''] = /^\\(\S[\w?]*)/.exec(text) ?? [];
  const opaque = opaqueIn(region, `${client} runs \\${word} itself`);
  const marked: Opaque = { ...opaque, client, ...(word === '' ? {} : { command: `\\${word}` }) };
  if (/^\\(?:if|elif|else|endif)\b/.test(text)) {
    const bounds = word === 'if' ? 'opens' : word === 'endif' ? 'closes' : undefined;
    return {
      operations: [{ ...marked, keepsSchema: true, ...(bounds === undefined ? {} : { condition: bounds }) }],
      problems: [],
    };
  }
  if (word === 'copy') {
    // Of the same length, so that all places stay.
    const copied = parse(` COPY${text.slice(5)}`);
    if (copied.problems.length === 0)
      return { operations: [...copied.operations, { ...marked, keepsSchema: true }], problems: [] };
  }
  if (WITHOUT_EFFECT.test(text)) return { operations: [{ ...marked, keepsSchema: true }], problems: [] };
  const effect = EFFECTS[word] ?? `${client} runs it, and what it does is not known`;
  return {
    operations: [marked],
    problems: [
      {
        kind: 'not-analysed',
        message: `Not analysed: \\${word} is a command of ${client}: ${effect}.`,
        span: { start: 0, end: text.length },
      },
    ],
  };
}
