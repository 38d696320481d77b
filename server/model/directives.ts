import type { Span } from '../core/span.ts';

/** `-- lockstep: ...` in SQL, `// lockstep: ...` in C#: what a migration says about itself. */
export interface Directives {
  readonly change?: { readonly id: string; readonly phase: 'expand' | 'migrate' | 'contract'; readonly span: Span };
  readonly title?: string;
  readonly requires: readonly (
    | { readonly kind: 'deploy'; readonly description: string; readonly span: Span }
    | { readonly kind: 'backfill' | 'parity'; readonly span: Span }
  )[];
  /** `parity TABLE old (EXPRESSION) new (EXPRESSION)`: what "requires parity" compares in each row of a table. */
  readonly parity?: { readonly table: string; readonly old: string; readonly new: string; readonly span: Span };
  readonly allows: readonly Allow[];
  /** Range of `no-transaction`, the marker of plain pairs that must run outside a transaction. */
  readonly noTransaction?: Span;
  /** Range of `irreversible "reason"`, and the reason: there is no way back from this migration. */
  readonly irreversible?: { readonly reason: string; readonly span: Span };
  /** Directives that could not be read, with what is wrong. */
  readonly problems: readonly { readonly message: string; readonly span: Span }[];
}

/** `allow CODE because REASON` above or behind a statement, or `allow-file CODE because REASON` anywhere. */
export interface Allow {
  readonly code: string;
  readonly reason: string;
  readonly wholeFile: boolean;
  /** Of the directive, comment marks included. */
  readonly span: Span;
  readonly codeSpan: Span;
}

const LINE = /(?:--|\/\/)[ \t]*lockstep:[ \t]*([^\r\n]*)/g;
const ID = /^[a-z0-9][a-z0-9_.-]*$/i;

/** Reads every directive of a text. Source of the grammar: the command-line contract, section `change`. */
export function readDirectives(text: string): Directives {
  let change: Directives['change'];
  let title: string | undefined;
  let noTransaction: Span | undefined;
  let irreversible: Directives['irreversible'];
  let parity: Directives['parity'];
  const requires: Directives['requires'][number][] = [];
  const allows: Allow[] = [];
  const problems: { message: string; span: Span }[] = [];
  for (const match of text.matchAll(LINE)) {
    const body = (match[1] ?? '').trimEnd();
    const span = { start: match.index, end: match.index + match[0].trimEnd().length };
    const bodyStart = span.end - body.length;
    const changeMatch = /^change[ \t]+(\S+)[ \t]+phase[ \t]+(expand|migrate|contract)$/.exec(body);
    const allowMatch = /^(allow|allow-file)[ \t]+(\S+)(?:[ \t]+because\b[ \t]*(.*))?$/.exec(body);
    const deployMatch = /^requires[ \t]+deploy[ \t]+"([^"]*)"$/.exec(body);
    const irreversibleMatch = /^irreversible[ \t]+"([^"]*)"$/.exec(body);
    const parityMatch = /^parity[ \t]+(\S.*?)[ \t]+old[ \t]+\((.+)\)[ \t]+new[ \t]+\((.+)\)$/.exec(body);
    const titleMatch = /^title[ \t]+"([^"]*)"$/.exec(body);
    if (changeMatch?.[1] !== undefined && ID.test(changeMatch[1])) {
      if (change !== undefined)
        problems.push({ message: 'This migration names its change twice: keep one "change" line.', span });
      // The pattern allows these three words only.
      else change = { id: changeMatch[1], phase: changeMatch[2] as 'expand' | 'migrate' | 'contract', span };
    } else if (allowMatch?.[2] !== undefined) {
      const codeStart = bodyStart + body.indexOf(allowMatch[2], (allowMatch[1] ?? '').length);
      allows.push({
        code: allowMatch[2],
        reason: (allowMatch[3] ?? '').trim(),
        wholeFile: allowMatch[1] === 'allow-file',
        span,
        codeSpan: { start: codeStart, end: codeStart + allowMatch[2].length },
      });
    } else if (deployMatch !== null) requires.push({ kind: 'deploy', description: deployMatch[1] ?? '', span });
    else if (body === 'requires backfill') requires.push({ kind: 'backfill', span });
    else if (body === 'requires parity') requires.push({ kind: 'parity', span });
    else if (body === 'no-transaction') noTransaction = span;
    else if (irreversibleMatch !== null) irreversible = { reason: irreversibleMatch[1] ?? '', span };
    else if (parityMatch !== null)
      parity = { table: parityMatch[1] ?? '', old: parityMatch[2] ?? '', new: parityMatch[3] ?? '', span };
    else if (titleMatch !== null) title = titleMatch[1] ?? '';
    else {
      problems.push({
        message:
          'This line is no directive that Lockstep knows: write change ID phase expand|migrate|contract, title "...", requires deploy "...", requires backfill, requires parity, parity TABLE old (...) new (...), no-transaction, irreversible "..." or allow CODE because REASON.',
        span,
      });
    }
  }
  return {
    ...(change === undefined ? {} : { change }),
    ...(title === undefined ? {} : { title }),
    requires,
    allows,
    problems,
    ...(noTransaction === undefined ? {} : { noTransaction }),
    ...(irreversible === undefined ? {} : { irreversible }),
    ...(parity === undefined ? {} : { parity }),
  };
}
