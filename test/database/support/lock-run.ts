import { startPostgres } from '../../support/postgres.ts';
import { FAMILIES } from '../forms/index.ts';
import type { Form } from '../forms/form.ts';
import { indexedForm, typePairs } from '../forms/type-pairs.ts';
import { LockOracle, type Measurement } from './lock-oracle.ts';

/** One probed form with the family that it belongs to. */
export interface Probe {
  readonly family: string;
  readonly form: Form;
  readonly measured: Measurement;
  /** Of a pair of types. */
  readonly pair?: { readonly from: string; readonly to: string; readonly indexed: boolean };
}

/** Everything that one server showed. */
export interface Run {
  readonly major: number;
  readonly probes: readonly Probe[];
}

/** A part of their text picks the forms that are probed; all of them where it is not given. */
export const PICKED = process.env['LOCKSTEP_FORM'];

/** Starts a server of one major, probes every form on it, and stops it. */
export async function runMajor(major: number): Promise<Run> {
  await using server = await stoppable(major);
  const oracle = await LockOracle.open(server.value);
  try {
    const probes: Probe[] = [];
    const last: (readonly [string, Form])[] = [];
    for (const family of FAMILIES) {
      for (const form of family.forms) {
        if (PICKED !== undefined && !form.sql.includes(PICKED)) continue;
        if ((form.from !== undefined && major < form.from) || (form.to !== undefined && major > form.to)) continue;
        if (form.outside === undefined)
          probes.push({ family: family.title, form, measured: await oracle.measure(form) });
        else last.push([family.title, form]);
      }
    }
    for (const { from, to, form } of PICKED === undefined ? typePairs() : []) {
      const measured = await oracle.measure(form);
      probes.push({ family: 'pairs', form, measured, pair: { from, to, indexed: false } });
      if (measured.refused !== undefined || measured.seen.some((seen) => seen.rewrite)) continue;
      const indexed = indexedForm(from, to);
      probes.push({
        family: 'pairs',
        form: indexed,
        measured: await oracle.measure(indexed),
        pair: { from, to, indexed: true },
      });
    }
    // What cannot be rolled back comes last, so that it disturbs nothing.
    for (const [family, form] of last) probes.push({ family, form, measured: await oracle.measure(form) });
    return { major, probes };
  } finally {
    await oracle.close();
  }
}

async function stoppable(
  major: number,
): Promise<AsyncDisposable & { readonly value: Awaited<ReturnType<typeof startPostgres>> }> {
  const value = await startPostgres(major);
  return { value, [Symbol.asyncDispose]: () => value.stop() };
}

/** Probes several majors, two servers at a time. */
export async function runMajors(majors: readonly number[]): Promise<readonly Run[]> {
  const queue = [...majors];
  const runs: Run[] = [];
  const work = async (): Promise<void> => {
    for (let major = queue.shift(); major !== undefined; major = queue.shift()) runs.push(await runMajor(major));
  };
  await Promise.all([work(), work()]);
  return runs.sort((left, right) => left.major - right.major);
}
