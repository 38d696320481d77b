import { describe, expect, test } from 'vitest';
import {
  ASSIGNED,
  BASE_TYPES,
  CASTS,
  IMPLICIT,
  UNSTEADY_CASTS,
  UNSTEADY_INPUT,
  UNSTEADY_OUTPUT,
} from '../../server/engines/postgresql/types/cast-data.ts';
import { refusedSetting } from '../../server/engines/postgresql/refusals/settings.ts';
import { EXTENSION_CLASSES, EXTENSION_FORMS } from '../../server/engines/postgresql/types/extension-forms.ts';
import { EXTENSION_MEMBERS } from '../../server/engines/postgresql/types/extension-members.ts';
import { MIXED } from '../../server/engines/postgresql/types/expression-type.ts';
import { type Form, FormTable, functionForms, operatorForms } from '../../server/engines/postgresql/types/forms.ts';
import {
  AGGREGATES,
  INDEXED,
  NEVER_IMMUTABLE,
  RESULTS,
  UNSTEADY_OPERATORS,
} from '../../server/engines/postgresql/types/function-data.ts';
import { OPERATOR_CLASSES } from '../../server/engines/postgresql/types/operator-classes.ts';
import { MAJORS, startPostgres, whyNoServer } from '../support/postgres.ts';

const CASTS_SQL = `SELECT s.typname || '>' || t.typname AS pair, castcontext AS context, p.provolatile AS volatility
  FROM pg_cast JOIN pg_type s ON s.oid = castsource JOIN pg_type t ON t.oid = casttarget LEFT JOIN pg_proc p ON p.oid = castfunc`;
const TYPES_SQL = `SELECT typname AS name, i.provolatile AS input, o.provolatile AS output
  FROM pg_type JOIN pg_proc i ON i.oid = typinput JOIN pg_proc o ON o.oid = typoutput
  WHERE typnamespace = 'pg_catalog'::regnamespace AND typtype IN ('b', 'r', 'm') AND typelem = 0`;
const FUNCTIONS_SQL = `SELECT proname AS name, provolatile AS volatility, prokind AS kind, r.typname AS result,
    (SELECT coalesce(string_agg(t.typname, ' ' ORDER BY place), '') FROM unnest(proargtypes) WITH ORDINALITY AS u (oid, place)
      JOIN pg_type t ON t.oid = u.oid) AS types
  FROM pg_proc JOIN pg_type r ON r.oid = prorettype WHERE pronamespace = 'pg_catalog'::regnamespace`;
const OPERATORS_SQL = `SELECT oprname || ' ' || l.typname || ' ' || r.typname AS name, p.provolatile AS volatility FROM pg_operator
  JOIN pg_type l ON l.oid = oprleft JOIN pg_type r ON r.oid = oprright JOIN pg_proc p ON p.oid = oprcode`;
const CLASSES_SQL = `SELECT amname AS method, typname AS name FROM pg_opclass JOIN pg_am a ON a.oid = opcmethod
  JOIN pg_type t ON t.oid = opcintype WHERE opcdefault`;

const NAMED_CLASSES_SQL = `SELECT amname AS method, opcname || ':' || typname AS name FROM pg_opclass JOIN pg_am a ON a.oid = opcmethod
  JOIN pg_type t ON t.oid = opcintype WHERE opcnamespace = 'pg_catalog'::regnamespace`;
const EXTENSION_SIGNS_SQL = `SELECT oprname AS sign, oprname || ' ' || coalesce(l.typname, '-') || ',' || r.typname || ')' || x.typname AS form,
    coalesce(l.typnamespace, r.typnamespace) = 'pg_catalog'::regnamespace AND r.typnamespace = 'pg_catalog'::regnamespace AS "isOfSystem"
  FROM pg_operator LEFT JOIN pg_type l ON l.oid = oprleft JOIN pg_type r ON r.oid = oprright JOIN pg_type x ON x.oid = oprresult
  WHERE pg_operator.oid IN (SELECT objid FROM pg_depend WHERE classid = 'pg_operator'::regclass AND deptype = 'e'
    AND refobjid = (SELECT oid FROM pg_extension WHERE extname = $1))`;
const EXTENSION_SHARED_SQL = `SELECT DISTINCT proname AS name FROM pg_proc p WHERE p.oid IN (SELECT objid FROM pg_depend
    WHERE classid = 'pg_proc'::regclass AND deptype = 'e' AND refobjid = (SELECT oid FROM pg_extension WHERE extname = $1))
  AND EXISTS (SELECT 1 FROM pg_proc o WHERE o.proname = p.proname AND o.pronamespace = 'pg_catalog'::regnamespace)`;

const EXTENSION_FORMS_SQL = `SELECT proname AS name, coalesce((SELECT string_agg(t.typname, ',' ORDER BY place)
      FROM unnest(proargtypes) WITH ORDINALITY AS u (oid, place) JOIN pg_type t ON t.oid = u.oid), '')
    || CASE WHEN provariadic <> 0 THEN '...' ELSE '' END || CASE WHEN pronargdefaults > 0 THEN '/' ELSE '' END || ')' || r.typname AS form
  FROM pg_proc p JOIN pg_type r ON r.oid = prorettype WHERE p.oid IN (SELECT objid FROM pg_depend
    WHERE classid = 'pg_proc'::regclass AND deptype = 'e' AND refobjid = (SELECT oid FROM pg_extension WHERE extname = $1))`;
const EXTENSION_CLASSES_SQL = `SELECT opcname AS name, typname AS type FROM pg_opclass o JOIN pg_type t ON t.oid = opcintype
  WHERE o.oid IN (SELECT objid FROM pg_depend WHERE classid = 'pg_opclass'::regclass AND deptype = 'e'
    AND refobjid = (SELECT oid FROM pg_extension WHERE extname = $1))`;

const FORMS_SQL = `SELECT * FROM (SELECT proname || ' ' || coalesce((SELECT string_agg(t.typname, ',' ORDER BY place)
      FROM unnest(proargtypes) WITH ORDINALITY AS u (oid, place) JOIN pg_type t ON t.oid = u.oid), '')
    || CASE WHEN provariadic <> 0 THEN '...' ELSE '' END || CASE WHEN pronargdefaults > 0 THEN '/' || pronargdefaults ELSE '' END
    || ')' || CASE WHEN proretset THEN '*' ELSE '' END
    || CASE prokind WHEN 'a' THEN '&' WHEN 'w' THEN '%' WHEN 'p' THEN '#' ELSE '' END || r.typname AS form
  FROM pg_proc JOIN pg_type r ON r.oid = prorettype WHERE pronamespace = 'pg_catalog'::regnamespace) f
  WHERE form !~ '[ ,)*](internal|cstring)([,.)/]|$)' AND form !~ '(handler|trigger)$'`;
const SIGNS_SQL = `SELECT oprname || ' ' || coalesce(l.typname, '-') || ',' || coalesce(r.typname, '-') || ')' || x.typname AS form
  FROM pg_operator LEFT JOIN pg_type l ON l.oid = oprleft LEFT JOIN pg_type r ON r.oid = oprright
    JOIN pg_type x ON x.oid = oprresult WHERE oprnamespace = 'pg_catalog'::regnamespace`;
const SETTINGS_SQL = 'SELECT name, vartype AS type, context FROM pg_settings';

const MARKS = { function: '', aggregate: '&', window: '%', procedure: '#' } as const;

function spelled({ types, variadic, defaults, isSet, kind, result }: Form): string {
  return `${types.join(',')}${variadic ? '...' : ''}${defaults > 0 ? `/${defaults}` : ''})${isSet ? '*' : ''}${MARKS[kind]}${result}`;
}

function isTwo(pair: string): boolean {
  const [from, to] = pair.split('>');
  return from !== to;
}

/** Parameters of functions that only the server itself calls. */
const INTERNAL = /\b(?:internal|cstring)\b/;

const missing = MAJORS.map(whyNoServer).filter((reason) => reason !== undefined);
if (missing.length > 0 && process.env['CI'] === undefined) console.log(`type-data: skipped, ${missing.join('; ')}`);

describe.skipIf(missing.length > 0 && process.env['CI'] === undefined)('types and functions', () => {
  test.each(MAJORS.map((major) => ({ major })))('are those of PostgreSQL $major', async ({ major }) => {
    const server = await startPostgres(major);
    try {
      const client = await server.connect();
      const all = async <Row extends object>(sql: string): Promise<readonly Row[]> =>
        (await client.query<Row>(sql)).rows;
      const casts = await all<{ pair: string; context: string; volatility: string | null }>(CASTS_SQL);
      const types = await all<{ name: string; input: string; output: string }>(TYPES_SQL);
      const functions = await all<{ name: string; volatility: string; kind: string; result: string; types: string }>(
        FUNCTIONS_SQL,
      );
      const operators = await all<{ name: string; volatility: string }>(OPERATORS_SQL);
      const classes = await all<{ method: string; name: string }>(CLASSES_SQL);
      const forms = await all<{ form: string }>(FORMS_SQL);
      const signs = await all<{ form: string }>(SIGNS_SQL);
      const settings = await all<{ name: string; type: string; context: string }>(SETTINGS_SQL);
      await client.end();

      const listed = (table: { names(): Iterable<string>; of(name: string, version: number): readonly Form[] }) =>
        [...table.names()].flatMap((name) => table.of(name, major).map((form) => `${name} ${spelled(form)}`)).sort();
      expect(listed(functionForms())).toEqual(forms.map(({ form }) => form).sort());
      expect(listed(operatorForms())).toEqual(signs.map(({ form }) => form).sort());
      const refused = settings.filter(({ name, type, context }) => {
        const operation = { kind: 'set-variable', span: { start: 0, end: 1 }, name: name.toLowerCase() } as const;
        const values = [type === 'bool' ? 'on' : '1'];
        const refusal = refusedSetting({ ...operation, values, scope: 'session', toDefault: false }, major);
        return (refusal !== undefined) !== ['internal', 'postmaster', 'sighup'].includes(context);
      });
      expect(refused.map(({ name }) => name)).toEqual([]);
      expect(casts.filter(({ pair, context }) => context === 'i' && isTwo(pair) && !IMPLICIT.has(pair))).toEqual([]);
      expect([...IMPLICIT].filter((pair) => !casts.some((cast) => cast.pair === pair && cast.context === 'i'))).toEqual(
        [],
      );

      // A path became a point on 13 only.
      const known = casts.filter(({ pair }) => CASTS.has(pair));
      expect(known.length).toBe(CASTS.size);
      // What newer majors add is between types or in directions that are not spoken of.
      expect(
        known
          .filter(({ context }) => context !== 'e')
          .map(({ pair }) => pair)
          .sort(),
      ).toEqual([...ASSIGNED].sort());
      expect(
        known
          .filter(({ volatility }) => volatility !== null && volatility !== 'i')
          .map(({ pair }) => pair)
          .sort(),
      ).toEqual([...UNSTEADY_CASTS].sort());
      const base = types.filter(({ name }) => BASE_TYPES.has(name));
      expect(base.length).toBe(BASE_TYPES.size);
      expect(
        base
          .filter(({ input }) => input !== 'i')
          .map(({ name }) => name)
          .sort(),
      ).toEqual([...UNSTEADY_INPUT].sort());
      const output = base.filter((type) => type.output !== 'i' && type.name !== 'interval').map(({ name }) => name);
      expect(output.sort()).toEqual([...UNSTEADY_OUTPUT].filter((name) => name !== 'interval').sort());

      const called = functions.filter((each) => each.kind === 'f' && !INTERNAL.test(`${each.types} ${each.result}`));
      expect(called.filter(({ name, volatility }) => NEVER_IMMUTABLE.has(name) && volatility === 'i')).toEqual([]);
      const wrongForms = called.filter((each) =>
        MIXED.get(each.name)?.some(
          (form) => form.types.join(' ') === each.types && form.isImmutable !== (each.volatility === 'i'),
        ),
      );
      expect(wrongForms.map(({ name, types: given }) => `${name}(${given})`)).toEqual(
        // Immutable from 17 on only, and then said of none.
        wrongForms
          .filter(({ name, volatility }) => name === 'date_trunc' && volatility !== 'i')
          .map(({ name, types: given }) => `${name}(${given})`),
      );
      const results = new Map(
        Object.entries(RESULTS).flatMap(([type, names]) => names.split(' ').map((n) => [n, type])),
      );
      expect(called.filter(({ name, result }) => results.has(name) && results.get(name) !== result)).toEqual([]);
      const aggregates = new Set(functions.filter(({ kind }) => kind === 'a').map(({ name }) => name));
      expect([...AGGREGATES].filter((name) => !aggregates.has(name))).toEqual([]);
      expect(functions.filter(({ kind, name }) => kind === 'f' && AGGREGATES.has(name))).toEqual([]);
      expect(operators.filter(({ name, volatility }) => UNSTEADY_OPERATORS.has(name) && volatility === 'i')).toEqual(
        [],
      );
      expect(classes.filter(({ method, name }) => INDEXED[method]?.split(' ').includes(name) !== true)).toEqual([]);
    } finally {
      await server.stop();
    }
  });

  test.each(MAJORS.map((major) => ({ major })))(
    'of operators and classes, and of extensions, are those of PostgreSQL $major',
    async ({ major }) => {
      const server = await startPostgres(major);
      try {
        const client = await server.connect(await server.createDatabase());
        const classes = (await client.query<{ method: string; name: string }>(NAMED_CLASSES_SQL)).rows;
        const unknown = classes.filter(
          ({ method, name }) => OPERATOR_CLASSES[method]?.split(' ').includes(name) !== true && method !== 'brin',
        );
        expect(unknown).toEqual([]);
        const wrong: string[] = [];
        let tried = 0;
        for (const [extension, members] of Object.entries(EXTENSION_MEMBERS)) {
          const found = await client.query('SELECT 1 FROM pg_available_extensions WHERE name = $1', [extension]);
          if (found.rows.length === 0 || extension === 'plpgsql') continue;
          tried++;
          await client.query('BEGIN');
          await client.query(`CREATE EXTENSION "${extension}" CASCADE`);
          const signs = await client.query<{ sign: string; form: string; isOfSystem: boolean }>(EXTENSION_SIGNS_SQL, [
            extension,
          ]);
          const table = new FormTable(members.operators ?? '');
          const forms = [...table.names()].flatMap((name) =>
            table.all(name).map((form) => `${name} ${form.types.join(',')})${form.result}`),
          );
          for (const { sign, form, isOfSystem } of signs.rows) {
            if (members.signs?.has(sign) !== true) wrong.push(`${extension}: ${sign}`);
            if (isOfSystem && !forms.includes(form)) wrong.push(`${extension}: ${form}`);
          }
          const shared = await client.query<{ name: string }>(EXTENSION_SHARED_SQL, [extension]);
          for (const { name } of shared.rows)
            if (members.shared?.has(name) !== true) wrong.push(`${extension}: ${name}()`);
          const listed = new FormTable(EXTENSION_FORMS[extension] ?? '');
          const functions = await client.query<{ name: string; form: string }>(EXTENSION_FORMS_SQL, [extension]);
          for (const { name, form } of functions.rows) {
            const all = listed.all(name).map(({ types, result }) => `${types.join(',')})${result}`);
            if (all.length > 0 && !all.includes(form)) wrong.push(`${extension}: ${name}(${form}`);
          }
          const classes = await client.query<{ name: string; type: string }>(EXTENSION_CLASSES_SQL, [extension]);
          for (const { name, type } of classes.rows)
            if (EXTENSION_CLASSES[name] !== undefined && EXTENSION_CLASSES[name] !== type)
              wrong.push(`${extension}: ${name} for ${type}`);
          await client.query('ROLLBACK');
        }
        await client.end();
        expect(wrong).toEqual([]);
        expect(tried).toBeGreaterThanOrEqual(20);
      } finally {
        await server.stop();
      }
    },
  );
});
