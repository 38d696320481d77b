import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { lookForNeeds, NEEDS, reasonOf, type Need } from './needs.ts';

/** A need that is there from the `at`-th look on. */
function need(more: Partial<Need>, at = Number.POSITIVE_INFINITY): Need {
  let looks = 0;
  return {
    title: 'a lamp',
    without: 'nothing is seen',
    suites: ['database'],
    files: /^test\/dark\//,
    get: 'buy one',
    isThere: () => ++looks > at,
    ...more,
  };
}

describe('what the tests need of the machine', () => {
  beforeEach(() => vi.stubEnv('LOCKSTEP_BRING', 'no'));
  afterEach(() => vi.unstubAllEnvs());

  function said(wanted: readonly string[], ...needs: readonly Need[]): readonly string[] {
    const lines: string[] = [];
    lookForNeeds(wanted, (line) => lines.push(line), needs);
    return lines;
  }

  test('is told with what goes without it and how to get it', () => {
    expect(said(['database'], need({}))).toEqual(['Missing: a lamp; without it nothing is seen. To have it, buy one.']);
  });

  test('is not asked for where no wanted suite needs it, nor told where it is there', () => {
    expect(said(['unit'], need({}))).toEqual([]);
    expect(said(['database'], need({}, 0))).toEqual([]);
  });

  test('is brought where it may be', () => {
    vi.stubEnv('LOCKSTEP_BRING', undefined);
    let brought = 0;
    const bring = (): boolean => ++brought > 0;
    const lines: string[] = [];
    const missing = lookForNeeds(['database'], (line) => lines.push(line), [need({ bring })]);
    expect(brought).toBe(1);
    expect(missing).toMatchObject([{ isBrought: true }]);
    expect(lines).toEqual(['Missing: a lamp. Bringing it from npm…', 'Brought: a lamp.']);
  });

  test('tells why tests were skipped', () => {
    const missing = lookForNeeds(['database'], () => undefined, [need({})]);
    expect(reasonOf('test/dark/a.test.ts', missing)).toBe('without a lamp');
    expect(reasonOf('test/light/a.test.ts', missing)).toBe('for what test/light/a.test.ts says');
  });

  test('is named once, with how to get it', () => {
    expect(new Set(NEEDS.map(({ title }) => title)).size).toBe(NEEDS.length);
    for (const { get, without, suites, stops = [] } of NEEDS) {
      expect(get).toMatch(/^(?:install|run) /);
      expect(without).not.toMatch(/\.$/);
      for (const suite of stops) expect(suites).toContain(suite);
    }
  });
});
