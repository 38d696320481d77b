import type { Span } from '../core/span.ts';

/** `-- lockstep: ...` in SQL, `// lockstep: ...` in C#, `# lockstep: ...` in Python: what a migration says about itself. */
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

const LINE = /(?:--|\/\/|#)[ \t]*lockstep:[ \t]*([^\r\n]*)/g;
const ID = /^[a-z0-9][a-z0-9_.-]*$/i;

/** One line of Lockstep's own in a text; `problem` says why it is none that Lockstep knows. */
export type DirectiveLine = { readonly span: Span } & (
  | { readonly kind: 'change'; readonly id: string; readonly phase: 'expand' | 'migrate' | 'contract' }
  | { readonly kind: 'title'; readonly title: string }
  | { readonly kind: 'requires'; readonly requirement: Directives['requires'][number] }
  | { readonly kind: 'parity'; readonly table: string; readonly old: string; readonly new: string }
  | { readonly kind: 'allow'; readonly allow: Allow }
  | { readonly kind: 'no-transaction' }
  | { readonly kind: 'irreversible'; readonly reason: string }
  | { readonly kind: 'problem'; readonly message: string }
);

/** Every directive of a text, line by line. Source of the grammar: the command-line contract, section `change`. */
export function directiveLines(text: string): readonly DirectiveLine[] {
  // Most texts have none, and need not be gone through by a pattern to see it.
  return text.includes('lockstep:') ? [...text.matchAll(LINE)].map(readLine) : [];
}

function readLine(match: RegExpMatchArray): DirectiveLine {
  const body = (match[1] ?? '').trimEnd();
  const start = match.index ?? 0;
  const span = { start, end: start + match[0].trimEnd().length };
  const change = /^change[ \t]+(\S+)[ \t]+phase[ \t]+(expand|migrate|contract)$/.exec(body);
  if (change?.[1] !== undefined && ID.test(change[1]))
    // The pattern allows these three words only.
    return { kind: 'change', id: change[1], phase: change[2] as 'expand' | 'migrate' | 'contract', span };
  const allow = /^(allow|allow-file)[ \t]+(\S+)(?:[ \t]+because\b[ \t]*(.*))?$/.exec(body);
  if (allow?.[2] !== undefined) {
    const codeStart = span.end - body.length + body.indexOf(allow[2], (allow[1] ?? '').length);
    return {
      kind: 'allow',
      allow: {
        code: allow[2],
        reason: (allow[3] ?? '').trim(),
        wholeFile: allow[1] === 'allow-file',
        span,
        codeSpan: { start: codeStart, end: codeStart + allow[2].length },
      },
      span,
    };
  }
  const deploy = /^requires[ \t]+deploy[ \t]+"([^"]*)"$/.exec(body);
  if (deploy !== null)
    return { kind: 'requires', requirement: { kind: 'deploy', description: deploy[1] ?? '', span }, span };
  if (body === 'requires backfill') return { kind: 'requires', requirement: { kind: 'backfill', span }, span };
  if (body === 'requires parity') return { kind: 'requires', requirement: { kind: 'parity', span }, span };
  if (body === 'no-transaction') return { kind: 'no-transaction', span };
  const irreversible = /^irreversible[ \t]+"([^"]*)"$/.exec(body);
  if (irreversible !== null) return { kind: 'irreversible', reason: irreversible[1] ?? '', span };
  const parity = /^parity[ \t]+(\S.*?)[ \t]+old[ \t]+\((.+)\)[ \t]+new[ \t]+\((.+)\)$/.exec(body);
  if (parity !== null)
    return { kind: 'parity', table: parity[1] ?? '', old: parity[2] ?? '', new: parity[3] ?? '', span };
  const title = /^title[ \t]+"([^"]*)"$/.exec(body);
  if (title !== null) return { kind: 'title', title: title[1] ?? '', span };
  return {
    kind: 'problem',
    message:
      'This line is no directive that Lockstep knows: write change ID phase expand|migrate|contract, title "...", requires deploy "...", requires backfill, requires parity, parity TABLE old (...) new (...), no-transaction, irreversible "..." or allow CODE because REASON.',
    span,
  };
}

/** What some lines say together. */
export function directivesOfLines(lines: readonly DirectiveLine[]): Directives {
  let change: Directives['change'];
  let title: string | undefined;
  let noTransaction: Span | undefined;
  let irreversible: Directives['irreversible'];
  let parity: Directives['parity'];
  const requires: Directives['requires'][number][] = [];
  const allows: Allow[] = [];
  const problems: { message: string; span: Span }[] = [];
  for (const line of lines) {
    const { span } = line;
    switch (line.kind) {
      case 'change':
        if (change === undefined) change = { id: line.id, phase: line.phase, span };
        else problems.push({ message: 'This migration names its change twice: keep one "change" line.', span });
        break;
      case 'title':
        title = line.title;
        break;
      case 'requires':
        requires.push(line.requirement);
        break;
      case 'parity':
        parity = { table: line.table, old: line.old, new: line.new, span };
        break;
      case 'allow':
        allows.push(line.allow);
        break;
      case 'no-transaction':
        noTransaction = span;
        break;
      case 'irreversible':
        irreversible = { reason: line.reason, span };
        break;
      case 'problem':
        problems.push({ message: line.message, span });
        break;
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

/** What a text without any directive says. */
export const NO_DIRECTIVES: Directives = directivesOfLines([]);

/** What a text says about itself. */
export function readDirectives(text: string): Directives {
  return directivesOfLines(directiveLines(text));
}
