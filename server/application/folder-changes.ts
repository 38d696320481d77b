import { resolveFixes, type FixDocument, type FixInput } from '../analysis/fix.ts';
import { fixWhole, type WholeFix } from '../analysis/fix-whole.ts';
import type { LocatedFinding } from '../analysis/lint.ts';
import { planWish, type WishResult } from '../analysis/plan-wish.ts';
import type { Finding, FixProposal, SkippedFix } from '../analysis/report.ts';
import type { FileChange } from '../core/ports.ts';
import type { Wish } from '../planner/wishes.ts';
import type { Format } from '../tools/format.ts';
import type { FolderTexts } from '../tools/history.ts';
import { partOf } from '../tools/section-of.ts';
import { isHalfOf, type Documents } from './documents.ts';
import type { FolderAnalysis } from './folder-analysis.ts';
import type { FolderHistory } from './folder-history.ts';
import { limitedFormat } from './limited-format.ts';
import { sendsStatements } from './sends-statements.ts';
import { checkAdded, checkProposal, type ProposalCheckOptions } from './proposal-check.ts';

export interface FolderChangesOptions extends ProposalCheckOptions {
  readonly documents: Documents;
  readonly history: FolderHistory;
  readonly analysis: FolderAnalysis;
}

/** What is not in the folder: the time, and SQL of values for old rows that a person gave. */
type Given = Pick<FixInput, 'now'> & Required<Pick<FixInput, 'values'>>;

/** Rules about what a schema becomes: steps end in that too, and how they get there is safe all the same. */
const ABOUT_THE_END: ReadonlySet<string> = new Set(['truncated-name', 'duplicate-index', 'redundant-constraint']);
/** The same of what is not mended by an edit. */
const ABOUT_THE_END_ALONE: ReadonlySet<string> = new Set(['json-column', 'mismatched-key-type', 'identity-always']);

/** What can be done about a folder's findings, as file changes; nothing is written. */
export class FolderChanges {
  readonly #options: FolderChangesOptions;

  constructor(options: FolderChangesOptions) {
    this.#options = options;
  }

  /** Remedies for the findings of a document, or for those that `isWanted` picks. */
  fixes(
    path: string,
    given: Given,
    isWanted: (finding: Finding) => boolean,
  ): { readonly fixes: readonly FixProposal[]; readonly skipped: readonly SkippedFix[] } {
    const fixes: FixProposal[] = [];
    const skipped: SkippedFix[] = [];
    for (const { index, findings } of this.#options.analysis.findingsByMigration(path)) {
      const wanted = findings.filter(({ finding }) => isWanted(finding));
      const input = wanted.length === 0 ? undefined : this.#fixInput(index, given);
      if (input === undefined) continue;
      for (const result of wanted.flatMap((located) => resolveFixes(input, located))) {
        if (result.kind === 'fix') fixes.push(result.proposal);
        else skipped.push({ code: result.code, reason: result.reason });
      }
      for (const located of wanted) {
        const fix = located.fixes.find(({ kind }) => kind === 'whole');
        if (fix === undefined) continue;
        const { code } = located.finding;
        const result = this.#planWhole(input, findings, [located]);
        if (result.kind === 'fix') fixes.push({ ...result.proposal, code, title: fix.title });
        else
          skipped.push({
            code,
            reason:
              result.kind === 'refused' ? result.reason : (result.left[0]?.reason ?? 'There is nothing to be moved.'),
          });
      }
    }
    return { fixes, skipped };
  }

  /**
   * Makes each migration of a document safe as one change: for those of its findings that `isWanted` picks. A plan that our
   * own engine objects to is not offered.
   */
  fixWhole(path: string, given: Given, isWanted: (finding: Finding) => boolean): readonly WholeFix[] {
    const { analysis } = this.#options;
    return analysis.findingsByMigration(path).flatMap(({ index, findings }) => {
      const wanted = findings.filter(({ finding }) => isWanted(finding));
      const input = wanted.length === 0 ? undefined : this.#fixInput(index, given);
      return input === undefined ? [] : [this.#planWhole(input, findings, wanted)];
    });
  }

  #planWhole(input: FixInput, findings: readonly LocatedFinding[], wanted: readonly LocatedFinding[]): WholeFix {
    const known = new Set(
      findings.flatMap(({ finding, fixes }) =>
        ABOUT_THE_END.has(finding.code) ||
        (fixes.length === 0 && ABOUT_THE_END_ALONE.has(finding.code)) ||
        !wanted.some((each) => each.finding === finding)
          ? [finding.code]
          : [],
      ),
    );
    return fixWhole(input, wanted, {
      sendsStatements: sendsStatements(input),
      isOneEach: this.#options.settings.fix?.files === 'one-each',
      check: (proposed, stands) =>
        checkProposal(this.#options, this.#options, input.migration, proposed, { codes: known, stands }),
    });
  }

  /** Plans a change that no migration has asked for yet, as files after the newest one. */
  planWish(wish: Wish, values: readonly string[], given: Given): WishResult {
    const { history, project, engine } = this.#options;
    if (project.unreadProduct !== undefined)
      return {
        kind: 'refused',
        reason: `These migrations are for ${project.unreadProduct}, whose SQL Lockstep does not know, so that it writes none for it.`,
      };
    return planWish(
      {
        engine,
        target: history.target,
        format: this.#format,
        folder: this.#folder,
        ...given,
        changeIds: this.#changeIds(),
        schema: history.before(history.migrations.migrations.length),
        check: (proposed) => checkAdded(this.#options, this.#options, proposed),
      },
      wish,
      values,
    );
  }

  /** Files of an empty migration after the newest, in the tool's own format. */
  newMigration(slug: string, now: Date): readonly FileChange[] {
    const { project, engine } = this.#options;
    const { changes } = project.format.write({
      folder: this.#folder,
      dialect: engine.id,
      now,
      steps: [{ phase: 'expand', title: '', slug, up: '', down: '', transaction: 'one', requires: [], notes: [] }],
    });
    return project.format.settle?.(changes, this.#folder) ?? changes;
  }

  get #format(): Format {
    const { project, settings, rules, engine } = this.#options;
    const isAppliedByCommand = project.applier.kind === 'command';
    return limitedFormat(project.format, { settings, rules, engine, isAppliedByCommand });
  }

  /** The folder as the tools see it: its migrations and their texts. */
  get #folder(): FolderTexts {
    const { history, documents } = this.#options;
    return { migrations: history.migrations, textOf: (path) => documents.textOf(path) };
  }

  /** What a fix of migration `index` may change; undefined for one that the folder does not list. */
  #fixInput(index: number, given: Given): FixInput | undefined {
    const { documents, history, analysis, engine } = this.#options;
    const migration = history.migrationAt(index);
    if (migration === undefined) return undefined;
    const half = (path: string): FixDocument => {
      const { document, statements } = analysis.analyse(path);
      return {
        path,
        text: document.text,
        language: document.language,
        statements: statements.filter(({ section }) => isHalfOf(section, migration)),
      };
    };
    const { upPath, downPath } = migration;
    const up = half(upPath);
    const down = downPath === undefined ? undefined : downPath === upPath ? up : half(downPath);
    return {
      engine,
      target: history.target,
      format: this.#format,
      folder: this.#folder,
      migration,
      up,
      ...(down === undefined ? {} : { down }),
      laterTexts: history.migrations.migrations.slice(index + 1).flatMap((later) => {
        if (documents.textOf(later.upPath) === undefined) return [];
        const { layout, text } = documents.load(later.upPath);
        const part = partOf(layout, later, text);
        return [{ id: later.id, text: text.slice(part.start, part.end) }];
      }),
      changeIds: this.#changeIds(),
      isApplied: history.isApplied(migration),
      ...given,
    };
  }

  #changeIds(): ReadonlySet<string> {
    return new Set(this.#options.history.changeSteps().map((step) => step.changeId));
  }
}
