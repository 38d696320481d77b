import { existsSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { loadEngines, type Engines } from '../server/host/load-engines.ts';
import { RULES } from '../server/rules/index.ts';
import { openCode } from './support/code-example.ts';
import { applyFix, codesOf, complaintsAfter, firstFix, openExample, reportedBy } from './support/rule-check.ts';

let engines: Engines;
beforeAll(async () => {
  engines = await loadEngines();
});

describe('registry', () => {
  test('codes and aliases are used once', () => {
    const names = RULES.flatMap((rule) => [rule.code, ...(rule.aliases ?? [])]);
    expect(new Set(names).size).toBe(names.length);
  });

  test.each(RULES)(
    '$code is written up: its file, its why, its sources, examples of both kinds for each database',
    (rule) => {
      expect(existsSync(path.resolve(import.meta.dirname, `../server/rules/${rule.code}.ts`))).toBe(true);
      expect(rule.why.split(' ').length).toBeGreaterThan(20);
      expect(rule.docs.length).toBeGreaterThan(0);
      // What depends on a connected database has its own test.
      if (rule.code === 'late-arrival' || rule.code === 'dropped-again') return;
      for (const dialect of rule.dialects) {
        expect(
          [...rule.bad, ...(rule.csharp?.bad ?? [])].filter((example) => example.dialect === dialect).length,
          `bad examples for ${dialect}`,
        ).toBeGreaterThan(0);
      }
      expect(rule.good.length + (rule.csharp?.good.length ?? 0)).toBeGreaterThan(0);
    },
  );
});

test.each(RULES.flatMap((rule) => (rule.documented ?? []).map(({ product }) => ({ rule, code: rule.code, product }))))(
  'what $code says of $product has an example in a call or in raw SQL, and one where it is silent',
  ({ rule, product }) => {
    const of = (examples: readonly { readonly product?: string }[] | undefined): number =>
      (examples ?? []).filter((example) => example.product === product).length;
    expect(of(rule.csharp?.bad)).toBeGreaterThan(0);
    expect(of(rule.csharp?.good)).toBeGreaterThan(0);
    expect((rule.csharp?.bad ?? []).some((each) => each.product === product && each.up.includes('.Sql('))).toBe(true);
  },
);

for (const rule of RULES) {
  describe(rule.code, () => {
    test.each(rule.bad)('reports: $title ($dialect)', async (example) => {
      const opened = await openExample(engines, example, rule);
      const report = opened.project.lint(opened.path);
      expect(report.problems.filter((problem) => problem.kind === 'syntax')).toEqual([]);
      expect(reportedBy(report, rule.code, opened.text)).toEqual(
        opened.marked.map(({ start, end }) => `[${start}-${end}] ${opened.text.slice(start, end)}`),
      );
      expect(opened.marked.length).toBeGreaterThan(0);
      for (const { relation, code } of report.findings)
        if (relation !== null) expect(relation, code).toMatch(/^("(?:[^"]|"")+"|[^".]+)\.("(?:[^"]|"")+"|[^".]+)$/);
    });

    test.each(rule.good)('is silent: $title ($dialect)', async (example) => {
      const opened = await openExample(engines, example, rule);
      const report = opened.project.lint(opened.path);
      expect(report.problems).toEqual([]);
      expect(reportedBy(report, rule.code, opened.text)).toEqual([]);
    });

    for (const example of rule.csharp?.bad ?? [])
      test(`reports in C#: ${example.title} (${example.dialect ?? example.product})`, async () => {
        const opened = await openCode(engines, example, rule);
        expect(reportedBy(opened.report, rule.code, opened.text)).toEqual(
          opened.marked.map(({ start, end }) => `[${start}-${end}] ${opened.text.slice(start, end)}`),
        );
        expect(opened.marked.length).toBeGreaterThan(0);
      });

    for (const example of rule.csharp?.good ?? [])
      test(`is silent in C#: ${example.title} (${example.dialect ?? example.product})`, async () => {
        const opened = await openCode(engines, example, rule);
        const { report } = opened;
        const isTold = example.product !== undefined && example.source === undefined;
        expect(report.problems.length > 0).toBe(isTold);
        expect(reportedBy(report, rule.code, opened.text)).toEqual([]);
      });

    test.each(rule.bad)('its fix is silent: $title ($dialect)', async (example) => {
      const opened = await openExample(engines, example, rule);
      const fix = firstFix(opened, rule.code);
      if (fix === undefined) {
        // A rule may have no fix for a form; then it must say so by offering none.
        const offered = opened.project
          .lint(opened.path)
          .findings.filter((finding) => finding.code === rule.code)
          .flatMap((finding) => finding.fixes);
        const { skipped } = opened.project.fixes(opened.path, new Date(0));
        expect(
          offered.length === 0 || skipped.some((entry) => entry.code === rule.code && entry.reason.length > 20),
        ).toBe(true);
        return;
      }
      if (example.fixed !== undefined) expect(fix.files[0]?.text).toBe(example.fixed);
      if (example.steps !== undefined) expect(fix.steps.map((step) => step.title)).toEqual(example.steps);
      const known = new Set([...codesOf(opened)].filter((code) => code !== rule.code));
      await applyFix(opened, fix);
      expect(complaintsAfter(opened, fix, known).join('\n')).toBe('');
    });
  });
}
