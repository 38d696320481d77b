import type { Span } from '../../core/span.ts';
import { assignmentOf, codeOf, functionsOf, type Code, type FunctionBlock } from '../python/code.ts';
import { saidBy } from '../python/text-value.ts';

/** A migration script of Alembic as far as its own text tells. */
export interface Script {
  readonly code: Code;
  readonly functions: readonly FunctionBlock[];
  /** Undefined where the document is no script. */
  readonly revision: string | undefined;
  /** What it comes after: none for a base, several for a merge. */
  readonly after: readonly string[];
  /** What has to be there before it, on other branches. */
  readonly dependsOn: readonly string[];
  readonly up: FunctionBlock | undefined;
  readonly down: FunctionBlock | undefined;
}

export function scriptIn(text: string): Script {
  const code = codeOf(text);
  const functions = functionsOf(code);
  return {
    code,
    functions,
    revision: textsOf(code, 'revision')[0],
    after: textsOf(code, 'down_revision'),
    dependsOn: textsOf(code, 'depends_on'),
    up: functions.find(({ name }) => name === 'upgrade'),
    down: functions.find(({ name }) => name === 'downgrade'),
  };
}

/** Where a part of a half leaves the transaction: `with op.get_context().autocommit_block():`. */
export function autocommitIn({ code }: Script, { start, end }: FunctionBlock): Span | undefined {
  for (let at = start; at < end; at++)
    if (code.said(at) === 'autocommit_block') {
      const token = code.tokens[at];
      return token === undefined ? undefined : { start: token.start, end: token.end };
    }
  return undefined;
}

/** The texts of an assignment: one, or those of a tuple or list. */
function textsOf(code: Code, name: string): readonly string[] {
  const { text, tokens, said } = code;
  const found: string[] = [];
  const start = assignmentOf(code, name);
  if (start === undefined) return found;
  for (let at = start; at < tokens.length && (at === start || tokens[at]?.indent === undefined); at++) {
    const token = tokens[at];
    if (token?.text !== undefined) found.push(saidBy(text, [token]).text);
    else if (!/^[([{,)\]}]$/.test(said(at))) break;
  }
  return found;
}
