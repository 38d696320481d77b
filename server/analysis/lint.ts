import { displayName } from '../model/names.ts';
import { LineIndex } from '../core/line-index.ts';
import { inDocument } from '../core/source-map.ts';
import { shiftSpan, type Span } from '../core/span.ts';
import type { Engine, StatementText, Target } from '../engines/engine.ts';
import type { Remark } from '../languages/language.ts';
import type { LockHolder } from '../model/activity.ts';
import type { Effect } from '../model/effect.ts';
import { statementsOf } from '../model/operation-index.ts';
import type { Operation } from '../model/operation.ts';
import type { Allow, Directives } from '../model/directives.ts';
import type { Origin, Schema } from '../model/schema.ts';
import type {
  ChangeStep,
  FolderFacts,
  Preset,
  Rule,
  RuleContext,
  RuleFinding,
  RuleFix,
  RuleStatement,
  Severity,
} from '../rules/rule.ts';
import { allowsByStatement, NOT_ANALYSED, problemsOf, type AnalysedStatement } from './analyse.ts';
import { effectsByAction } from './explain.ts';
import { findingNote, isSmall } from './estimate.ts';
import { asOwnLines, type OtherAllow, othersByStatement, readOtherAllows } from './other-linters.ts';
import type { Finding, ReportedProblem } from './report.ts';
import type { RuleSetting } from './setting-table.ts';
import type { Settings } from './settings.ts';

/** Everything that lint of one document depends on: the same input gives the same findings, in the editor and in a pipeline. */
export interface LintInput {
  readonly engine: Engine;
  readonly target: Target;
  readonly rules: readonly Rule[];
  readonly settings: Settings;
  /** Whether a command of the tool applies the migrations, and not Lockstep's runner. */
  readonly isAppliedByCommand?: boolean;
  readonly path: string;
  readonly text: string;
  readonly statements: readonly AnalysedStatement[];
  readonly directives: Directives;
  /** Problems that the format found in the document's own markers. */
  readonly layoutProblems: readonly { readonly message: string; readonly span: Span }[];
  readonly changeSteps: readonly ChangeStep[];
  /** What the document's language says of it beside its statements. */
  readonly remarks?: readonly Remark[];
  /** Locks that long transactions of the connected database hold. */
  readonly holders?: readonly LockHolder[];
  readonly folder?: FolderFacts;
  /** See `RuleContext.isNew`. */
  isNew(relationKey: string, schema: Schema): boolean;
  /** See `RuleContext.isNewOrigin`. */
  isNewOrigin(origin: Origin): boolean;
}

/** A finding with what its fixes need. */
export interface LocatedFinding {
  readonly finding: Finding;
  /** In the document. */
  readonly span: Span;
  /** Absent for findings about the document's own directives. */
  readonly ruleFinding?: RuleFinding;
  readonly fixes: readonly RuleFix[];
}

/** Codes of findings that the engine itself makes, beside the rules'. */
export const ENGINE_CODES = [
  'unknown-directive',
  'unknown-allow',
  'allow-without-reason',
  'unused-allow',
  'allow-of-another-linter',
  'edited-after-apply',
] as const;

/** Rules whose findings say that the server does not run a statement. */
const REFUSAL_CODES: ReadonlySet<string> = new Set([
  'statement-not-supported',
  'concurrently-in-transaction',
  'new-enum-value-used',
]);

/** Sets of rules, smallest first. */
const PRESET_ORDER: readonly Preset[] = ['recommended', 'strict', 'all'];

/** Whether a set of rules holds a rule. */
function isInPreset(rule: Rule, preset: Preset = 'recommended'): boolean {
  return PRESET_ORDER.indexOf(rule.preset ?? 'recommended') <= PRESET_ORDER.indexOf(preset);
}

interface ActiveRule {
  readonly rule: Rule;
  readonly severity: Severity;
  readonly setting: RuleSetting | undefined;
}

/** By settings, rules and dialect: the same for every document of a folder. */
const activeRules = new WeakMap<Settings, WeakMap<readonly Rule[], Map<string, readonly ActiveRule[]>>>();

/** Rules that are on for the dialect, with what the configuration says of each. */
function rulesOf({
  settings,
  rules,
  engine,
  isAppliedByCommand = false,
}: Pick<LintInput, 'settings' | 'rules' | 'engine' | 'isAppliedByCommand'>): readonly ActiveRule[] {
  const key = `${engine.id} ${isAppliedByCommand}`;
  const byRules = activeRules.get(settings) ?? new WeakMap<readonly Rule[], Map<string, readonly ActiveRule[]>>();
  activeRules.set(settings, byRules);
  const byDialect = byRules.get(rules) ?? new Map<string, readonly ActiveRule[]>();
  byRules.set(rules, byDialect);
  const known = byDialect.get(key);
  if (known !== undefined) return known;
  const active = rules
    // One of no dialect is about products that no engine reads.
    .filter(({ dialects }) => dialects.length === 0 || dialects.includes(engine.id))
    .flatMap((rule): readonly ActiveRule[] => {
      const setting = [rule.code, ...(rule.aliases ?? [])]
        .map((code) => settings.rules[code])
        .find((value) => value !== undefined);
      const severity =
        setting?.severity ??
        (isInPreset(rule, settings.preset) || (isAppliedByCommand && rule.isOnForCommands === true)
          ? rule.severity
          : 'off');
      return severity === 'off' ? [] : [{ rule, severity, setting }];
    });
  byDialect.set(key, active);
  return active;
}

/** Whether a rule speaks in a project at all. */
export function isRuleOn(
  code: string,
  input: Pick<LintInput, 'settings' | 'rules' | 'engine' | 'isAppliedByCommand'>,
): boolean {
  return rulesOf(input).some(({ rule }) => rule.code === code);
}

/** Where the documentation of a code stands. */
export function docsOf(code: string): string {
  return `RULES.md#${code}`;
}

/** Findings of one document in the order of their places, suppressed ones left out. */
export function lintDocument(input: LintInput): readonly LocatedFinding[] {
  const lines = new LineIndex(input.text);
  const statements = input.statements.flatMap(ruleStatementsOf);
  const located: LocatedFinding[] = [];
  const used = new Set<Allow>();
  // Statements that the server, or the parser, does not take: what they would do is not reported, and so nothing is said of
  // the lines that allow it.
  const refused = new Set(
    input.statements
      .filter((statement) => problemsOf(statement).some((problem) => problem.kind === 'syntax'))
      .map((statement) => statement.index),
  );
  const remarks = (input.remarks ?? []).map((remark, index) => ({
    remark,
    index: -1 - index,
    source: remarkSource(remark),
  }));
  const allowed = allowsByStatement(input.directives.allows, [...input.statements, ...remarks], lines);
  const others = readOtherAllows(input.text);
  const allowedByOthers = others.length === 0 ? NO_OTHERS : othersByStatement(others, input.statements, input.text);
  const usedOthers = new Map<OtherAllow, { readonly code: string; readonly statement: RuleStatement }[]>();
  for (const statement of input.statements) {
    if (statement.isVouchedFor === true)
      for (const allow of allowed.get(statement.index) ?? []) if (allow.code === NOT_ANALYSED) used.add(allow);
  }
  const known = new Map<RuleStatement, ReadonlyMap<Operation, readonly Effect[]>>();
  const apart = (statement: RuleStatement): ReadonlyMap<Operation, readonly Effect[]> => {
    const effects = known.get(statement) ?? effectsByAction(input, statement);
    known.set(statement, effects);
    return effects;
  };
  for (const direction of ['up', 'down'] as const) {
    const ruleStatements = statements.filter((statement) => statement.direction === direction);
    const first = ruleStatements[0];
    if (first === undefined) continue;
    const shared: RuleContext = {
      engine: input.engine,
      target: input.target,
      statements: ruleStatements,
      changeSteps: input.changeSteps,
      ...(input.directives.change === undefined
        ? {}
        : {
            change: {
              id: input.directives.change.id,
              phase: input.directives.change.phase,
              requiresDeploy: input.directives.requires.some((requirement) => requirement.kind === 'deploy'),
            },
          }),
      isNew: (relationKey, statement) => input.isNew(relationKey, statement.before),
      // What is not known at all may well be there.
      isKnownName: (relationKey) =>
        first.before.relations.has(relationKey) ||
        !ruleStatements.some((statement) => statement.before.relations.get(relationKey)?.columnsKnown === true),
      isNewOrigin: input.isNewOrigin,
      linesOf: ({ source }) => ({
        first: lines.position(source.span.start).line + 1,
        last: lines.position(Math.max(source.span.start, source.span.end - 1)).line + 1,
      }),
      ...(input.folder === undefined ? {} : { folder: input.folder }),
      options: {},
    };
    for (const { rule, severity, setting } of rulesOf(input)) {
      const about = rule.on === undefined ? ruleStatements : statementsOf(ruleStatements, rule.on);
      if (about.length === 0) continue;
      const context = setting === undefined ? shared : { ...shared, options: setting.options };
      for (const ruleFinding of rule.check(context, about)) {
        const allow = (allowed.get(indexOf(ruleFinding.statement)) ?? []).filter(
          (candidate) => rule.code === candidate.code || rule.aliases?.includes(candidate.code) === true,
        );
        if (REFUSAL_CODES.has(rule.code)) refused.add(indexOf(ruleFinding.statement));
        if (allow.length > 0) {
          for (const candidate of allow) used.add(candidate);
          continue;
        }
        const other = (allowedByOthers.get(indexOf(ruleFinding.statement)) ?? []).find(({ codes }) =>
          codes.has(rule.code),
        );
        if (other !== undefined) {
          usedOthers.set(other, [
            ...(usedOthers.get(other) ?? []),
            { code: rule.code, statement: ruleFinding.statement },
          ]);
          continue;
        }
        const live =
          rule.growsWithTable === true ? liveFinding(input, apart, ruleFinding) : { note: '', isSmall: false };
        const found =
          live.note === '' ? ruleFinding : { ...ruleFinding, message: `${ruleFinding.message}${live.note}` };
        located.push(
          locate(
            input,
            lines,
            rule,
            setting?.severity === undefined ? (live.isSmall ? 'info' : (ruleFinding.severity ?? severity)) : severity,
            found,
            ruleFinding.statement.whole === undefined || rule.mendsBlocks === true
              ? (rule.fixes?.(ruleFinding, context) ?? [])
              : [],
          ),
        );
      }
    }
  }
  for (const { rule, severity, setting } of remarks.length === 0 ? [] : rulesOf(input)) {
    for (const { remark, index } of remarks) {
      if (remark.code !== rule.code) continue;
      const allow = (allowed.get(index) ?? []).filter(({ code }) => rule.code === code);
      for (const candidate of allow) used.add(candidate);
      if (allow.length === 0)
        located.push(
          ...ofDocument(
            remark.code,
            setting?.severity === undefined ? (remark.severity ?? severity) : severity,
            remark.span,
            remark.message,
            lines,
          ),
        );
    }
  }
  for (const index of refused)
    for (const allow of allowed.get(index) ?? []) if (allow.code !== NOT_ANALYSED) used.add(allow);
  located.push(
    ...directiveFindings(input, lines, used),
    ...[...usedOthers].flatMap(([other, uses]) => otherAllowFinding(input, lines, other, uses)),
  );
  return located.sort(
    (left, right) =>
      left.span.start - right.span.start ||
      left.span.end - right.span.end ||
      (left.finding.code < right.finding.code ? -1 : 1),
  );
}

/** Findings of a file of the program that the migrations belong to; a line of Lockstep above a place allows what is said of it. */
export function lintSource(
  input: Pick<LintInput, 'settings' | 'rules' | 'engine' | 'isAppliedByCommand' | 'text'>,
  remarks: readonly Remark[],
): readonly Finding[] {
  const lines = new LineIndex(input.text);
  return rulesOf(input).flatMap(({ rule, severity, setting }) =>
    remarks
      .filter(({ code, span }) => code === rule.code && !isAllowedAbove(input.text, span, code))
      .flatMap(({ code, span, message, severity: own }) =>
        ofDocument(code, setting?.severity === undefined ? (own ?? severity) : severity, span, message, lines),
      )
      .map(({ finding }) => finding),
  );
}

/** Whether the line before a place is `// lockstep: allow CODE because ...`. */
function isAllowedAbove(text: string, { start }: Span, code: string): boolean {
  const before = text.slice(0, text.lastIndexOf('\n', start - 1) + 1).trimEnd();
  const line = before.slice(before.lastIndexOf('\n') + 1).trim();
  return new RegExp(`^//\\s*lockstep:\\s*allow\\s+${code}\\s+because\\s+\\S`).test(line);
}

/** A remark as a statement at its place, so that the same lines allow it. */
function remarkSource({ span, from }: Remark): StatementText {
  return { text: '', span, ...(from === undefined ? {} : { from }) };
}

/** A statement as the rules see it: a DO block of several statements as these, between its own index and the next one. */
function ruleStatementsOf(statement: AnalysedStatement): readonly RuleStatement[] {
  const whole: RuleStatement = {
    index: statement.index,
    source: statement.source,
    body: statement.body,
    before: statement.before,
    after: statement.after,
    effects: statement.effects,
    direction: statement.section.direction,
    transaction: statement.section.transaction,
    section: statement.section,
  };
  const { parts } = statement;
  return parts === undefined
    ? [whole]
    : parts.map(({ operations, before, after, effects }, index) => ({
        ...whole,
        index: statement.index + index / parts.length,
        body: { operations, problems: index === 0 ? whole.body.problems : [] },
        before,
        after,
        effects,
        whole,
      }));
}

/** Among the statements of the document. */
function indexOf(statement: RuleStatement): number {
  return Math.floor(statement.index);
}

/** That the text of an applied migration is not the one that was applied, on its first line. */
export function editedAfterApply(text: string, settings: Settings): readonly LocatedFinding[] {
  return editedFinding(
    text,
    settings,
    'error',
    'This migration was edited after it was applied, so that databases differ by when they got it: undo the edit, and write a new migration instead.',
  );
}

/** That a migration of the revision that a branch is compared with has another text now, on its first line. */
export function editedAfterRelease(text: string, settings: Settings): readonly LocatedFinding[] {
  return editedFinding(
    text,
    settings,
    'warning',
    'This migration is in the revision that this branch is compared with, and was edited since: databases that have it do not get the edit. Undo it, and write a new migration instead.',
  );
}

function editedFinding(
  text: string,
  settings: Settings,
  defaultSeverity: Severity,
  message: string,
): readonly LocatedFinding[] {
  const code = 'edited-after-apply';
  const severity = settings.rules[code]?.severity ?? defaultSeverity;
  const span = { start: 0, end: /^[^\r\n]*/.exec(text)?.[0].length ?? 0 };
  return ofDocument(code, severity, span, message, new LineIndex(text));
}

/** What is said of a document and of none of its statements; nothing where it is switched off. */
function ofDocument(
  code: string,
  severity: Severity | 'off',
  span: Span,
  message: string,
  lines: LineIndex,
): readonly LocatedFinding[] {
  if (severity === 'off') return [];
  return [
    {
      span,
      fixes: [],
      finding: {
        code,
        severity,
        message,
        range: lines.range(span),
        relation: null,
        statement: -1,
        docs: docsOf(code),
        fixes: [],
        related: [],
      },
    },
  ];
}

/** Where the document could not be read, or was read but its effects cannot be known. */
export function problemsOfDocument(
  text: string,
  statements: readonly AnalysedStatement[],
  layoutProblems: LintInput['layoutProblems'],
): readonly ReportedProblem[] {
  const lines = new LineIndex(text);
  const problems = [
    ...layoutProblems.map(
      (problem): ReportedProblem => ({ kind: 'syntax', message: problem.message, range: lines.range(problem.span) }),
    ),
    ...statements.flatMap((statement) =>
      problemsOf(statement).map(
        (problem): ReportedProblem => ({
          kind: problem.kind,
          message: problem.message,
          range: lines.range(inDocument(statement.source, problem.span)),
        }),
      ),
    ),
  ];
  // What is so of a document as a whole is said by each of its statements, at one place.
  return [...new Map(problems.map((problem) => [JSON.stringify(problem), problem])).values()];
}

/** What the connected database says of the relations that a finding is about: nothing where none is connected. */
function liveFinding(
  input: LintInput,
  apart: (statement: RuleStatement) => ReadonlyMap<Operation, readonly Effect[]>,
  { statement, operation, relation }: RuleFinding,
): { readonly note: string; readonly isSmall: boolean } {
  const { before } = statement;
  if (!before.isComplete) return { note: '', isSmall: false };
  const effects =
    operation === undefined || statement.body.operations.length < 2
      ? statement.effects
      : (apart(statement).get(operation) ?? statement.effects);
  return {
    note: relation === undefined ? '' : findingNote(effects, relation, before, input.settings, input.holders ?? []),
    isSmall: input.settings.largeTable !== undefined && isSmall(effects, before, input.settings.largeTable),
  };
}

function locate(
  input: LintInput,
  lines: LineIndex,
  rule: Rule,
  severity: Severity,
  ruleFinding: RuleFinding,
  fixes: readonly RuleFix[],
): LocatedFinding {
  const span = ruleFinding.place ?? inDocument(ruleFinding.statement.source, ruleFinding.span);
  return {
    span,
    ruleFinding,
    fixes,
    finding: {
      code: rule.code,
      severity,
      message: ruleFinding.message,
      range: lines.range(span),
      relation: ruleFinding.relation === undefined ? null : displayName(ruleFinding.relation),
      statement: indexOf(ruleFinding.statement),
      docs: docsOf(rule.code),
      fixes: fixes.map(summaryOf),
      related: (ruleFinding.related ?? []).map((related) => ({
        path: input.path,
        message: related.message,
        range: lines.range(inDocument(related.statement.source, related.span)),
      })),
    },
  };
}

const NO_OTHERS: ReadonlyMap<number, readonly OtherAllow[]> = new Map();

/** That a comment of another linter is why something is not reported, with the same as lines of Lockstep. */
function otherAllowFinding(
  input: LintInput,
  lines: LineIndex,
  other: OtherAllow,
  uses: readonly { readonly code: string; readonly statement: RuleStatement }[],
): readonly LocatedFinding[] {
  const code = 'allow-of-another-linter';
  const severity = input.settings.rules[code]?.severity ?? 'info';
  const [first] = uses;
  if (severity === 'off' || first === undefined) return [];
  const { statement } = first;
  const start = statement.source.span.start;
  const codes = [...new Set(uses.map((use) => use.code))];
  const edits = asOwnLines(
    input.text,
    other,
    uses.map((use) => ({ code: use.code, source: use.statement.source })),
  ).map(({ span, newText }) => ({ span: shiftSpan(span, -start), newText }));
  const fixes: readonly RuleFix[] =
    edits.length === 0 || statement.source.map !== undefined
      ? []
      : [{ kind: 'edit', title: 'Write it as an allow line of Lockstep', safety: 'review', edits }];
  return [
    {
      span: other.span,
      fixes,
      ruleFinding: { statement, span: shiftSpan(other.span, -start), message: '' },
      finding: {
        code,
        severity,
        message: `This comment for ${other.linter} is why ${codes.join(', ')} ${codes.length === 1 ? 'is' : 'are'} not reported ${other.wholeFile ? 'in this file' : 'here'}.`,
        range: lines.range(other.span),
        relation: null,
        statement: -1,
        docs: docsOf(code),
        fixes: fixes.map(summaryOf),
        related: [],
      },
    },
  ];
}

function directiveFindings(input: LintInput, lines: LineIndex, used: ReadonlySet<Allow>): readonly LocatedFinding[] {
  if (input.directives.allows.length + input.directives.problems.length === 0) return [];
  const isConnected = input.statements.some((statement) => statement.before.isComplete);
  const codes = new Set([NOT_ANALYSED, ...input.rules.flatMap((rule) => [rule.code, ...(rule.aliases ?? [])])]);
  const make = (code: (typeof ENGINE_CODES)[number], span: Span, message: string): readonly LocatedFinding[] =>
    ofDocument(code, input.settings.rules[code]?.severity ?? 'warning', span, message, lines);
  return [
    ...input.directives.problems.flatMap((problem) => make('unknown-directive', problem.span, problem.message)),
    ...input.directives.allows.flatMap((allow) => {
      if (!codes.has(allow.code))
        return make(
          'unknown-allow',
          allow.codeSpan,
          `"${allow.code}" is no rule that Lockstep knows, so this line allows nothing.`,
        );
      if (allow.reason === '')
        return make(
          'allow-without-reason',
          allow.span,
          `Say why: write "allow ${allow.code} because ..." so that the next reader can judge it.`,
        );
      // What a connected database has decides what is new and what is reported: that a line is needed shows without one.
      if (!used.has(allow) && !isConnected)
        return make(
          'unused-allow',
          allow.span,
          `Nothing here is reported as ${allow.code}, so this line allows nothing: remove it.`,
        );
      return [];
    }),
  ];
}

function summaryOf({ title, kind, safety }: RuleFix): Finding['fixes'][number] {
  return { title, kind: kind === 'whole' ? 'change' : kind, safety };
}
