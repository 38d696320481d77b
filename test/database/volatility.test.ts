import { POSTGRESQL } from '../../server/engines/postgresql/product.ts';
import { describe, expect, test } from 'vitest';
import { emptySchema } from '../../server/model/fold/fold.ts';
import { isVolatile } from '../../server/engines/postgresql/effects/volatility.ts';
import { MAJORS, startPostgres, whyNoServer } from '../support/postgres.ts';

/** Functions whose forms differ in a way that the arguments' number does not tell. */
const MIXED = ['timezone', 'ts_rewrite'];

const missing = MAJORS.map(whyNoServer).filter((reason) => reason !== undefined);
if (missing.length > 0) console.log(`volatility: skipped, ${missing.join('; ')}`);

describe.skipIf(missing.length > 0 && process.env['CI'] === undefined)('volatility of built-in functions', () => {
  test.each(MAJORS.map((major) => ({ major })))('is what pg_proc of PostgreSQL $major says', async ({ major }) => {
    const server = await startPostgres(major);
    try {
      const client = await server.connect();
      const rows = (
        await client.query<{ name: string; volatile: boolean; steady: boolean }>(
          `SELECT proname AS name, bool_or(provolatile = 'v') AS volatile, bool_or(provolatile <> 'v') AS steady FROM pg_proc
         WHERE pronamespace = 'pg_catalog'::regnamespace AND prokind = 'f' GROUP BY proname`,
        )
      ).rows;
      await client.end();
      const schema = emptySchema(POSTGRESQL, true);
      const wrong = rows.filter((row) => {
        if (MIXED.includes(row.name)) return false;
        const answer = isVolatile({ kind: 'call', name: row.name, operands: [] }, schema, major);
        // A function that no default can call may be unknown; a known one must be right.
        return answer !== 'unknown' && (answer ? !row.volatile : row.volatile);
      });
      expect(wrong).toEqual([]);
      const known = rows.filter(
        (row) => isVolatile({ kind: 'call', name: row.name, operands: [] }, schema, major) !== 'unknown',
      );
      expect(known.length).toBeGreaterThan(700);
    } finally {
      await server.stop();
    }
  });
});
