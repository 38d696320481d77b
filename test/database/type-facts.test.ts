import { expect, test } from 'vitest';
import { FIXED_SIZES } from '../../server/engines/postgresql/type-facts.ts';
import { MAJORS, startPostgres, whyNoServer } from '../support/postgres.ts';

const WAIT_MS = 60_000;

test.each(MAJORS.filter((major) => whyNoServer(major) === undefined).map((major) => ({ major })))(
  'the sizes of types that a hover names are those of PostgreSQL $major',
  async ({ major }) => {
    const server = await startPostgres(major);
    try {
      const client = await server.connect();
      const names = [...FIXED_SIZES.keys()];
      const { rows } = await client.query<{ typname: string; typlen: number }>(
        `SELECT typname, typlen FROM pg_type WHERE typname = ANY($1) AND typnamespace = 'pg_catalog'::regnamespace`,
        [names],
      );
      await client.end();
      expect(names.length).toBeGreaterThan(20);
      expect(Object.fromEntries(rows.map((row) => [row.typname, row.typlen]))).toEqual(Object.fromEntries(FIXED_SIZES));
    } finally {
      await server.stop();
    }
  },
  WAIT_MS,
);
