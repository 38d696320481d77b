import { beforeAll, describe, expect, test } from 'vitest';
import { loadEngines, type Engines } from '../../server/host/load-engines.ts';
import { wishOf } from '../../server/planner/wishes.ts';
import { openExample } from '../support/rule-check.ts';

let engines: Engines;
beforeAll(async () => {
  engines = await loadEngines();
});

const EVENTS = 'CREATE TABLE events (id bigint PRIMARY KEY, at date NOT NULL, note text);';

/** Tables that cannot become a partition of one of their name, and bounds that are none. */
const NOT_PARTITIONED: readonly {
  readonly name: string;
  readonly before: string;
  readonly column?: string;
  readonly bounds?: string;
  readonly reason: string;
}[] = [
  { name: 'an unknown table', before: '', reason: 'connect to the database' },
  { name: 'a column that is not there', before: EVENTS, column: 'day', reason: 'no column "day"' },
  {
    name: 'a partitioned table',
    before: 'CREATE TABLE events (at date) PARTITION BY RANGE (at);',
    reason: 'partitioned already',
  },
  { name: 'an unlogged table', before: 'CREATE UNLOGGED TABLE events (at date NOT NULL);', reason: 'unlogged' },
  {
    name: 'a table that others inherit from',
    before: `${EVENTS}\nCREATE TABLE more () INHERITS (events);`,
    reason: 'inherit',
  },
  {
    name: 'a generated column',
    before: 'CREATE TABLE events (id int, at int GENERATED ALWAYS AS (id + 1) STORED);',
    bounds: '7',
    reason: 'generated column',
  },
  { name: 'a column of text', before: EVENTS, column: 'note', reason: 'only numbers, dates and timestamps' },
  {
    name: 'a bound that is no date',
    before: EVENTS,
    bounds: '2027-01-01 12:00',
    reason: 'is no bound of date: write it as 2027-01-01',
  },
  { name: 'a day that no month has', before: EVENTS, bounds: '2027-02-30', reason: '"2027-02-30" is no bound' },
  { name: 'a month that no year has', before: EVENTS, bounds: '2027-13-01', reason: '"2027-13-01" is no bound' },
  {
    name: 'a time that no day has',
    before: 'CREATE TABLE events (at timestamp NOT NULL);',
    bounds: '2027-01-01 25:00',
    reason: 'is no bound',
  },
  {
    name: 'a bound that is no number',
    before: EVENTS,
    column: 'id',
    bounds: '1e6',
    reason: '"1e6" is no bound of bigint',
  },
  { name: 'bounds that fall', before: EVENTS, bounds: '2027-02-01,2027-01-01', reason: 'not above the one before' },
  {
    name: 'bounds that fall by their zones',
    before: 'CREATE TABLE events (at timestamptz NOT NULL);',
    bounds: '2027-01-01 00:00-05,2027-01-01 04:00',
    reason: 'not above the one before',
  },
  {
    name: 'a view of the table',
    before: `${EVENTS}\nCREATE VIEW days AS SELECT at FROM events;`,
    reason: 'The view days',
  },
  {
    name: 'a foreign key to the table',
    before: `${EVENTS}\nCREATE TABLE parts (event bigint REFERENCES events);`,
    reason: 'parts_event_fkey',
  },
  {
    name: 'a foreign key to the table itself',
    before: 'CREATE TABLE events (id bigint PRIMARY KEY, at date NOT NULL, parent bigint REFERENCES events);',
    reason: 'events_parent_fkey',
  },
  {
    name: 'row security',
    before: `${EVENTS}\nALTER TABLE events ENABLE ROW LEVEL SECURITY;\nCREATE POLICY own ON events USING (id > 0);`,
    reason: 'row security',
  },
  {
    name: 'a rule',
    before: `${EVENTS}\nCREATE RULE none AS ON DELETE TO events DO INSTEAD NOTHING;`,
    reason: 'rules (none)',
  },
  {
    name: 'a publication',
    before: `${EVENTS}\nCREATE PUBLICATION feed FOR TABLE events;`,
    reason: 'publication "feed"',
  },
  {
    name: 'an exclusion constraint',
    before: 'CREATE TABLE events (at date NOT NULL, span daterange, EXCLUDE USING gist (span WITH &&));',
    reason: 'excludes rows',
  },
  {
    name: 'a key that is checked late',
    before: 'CREATE TABLE events (id bigint PRIMARY KEY DEFERRABLE, at date NOT NULL);',
    reason: 'checked when a transaction ends',
  },
  {
    name: 'a constraint that was not validated',
    before: `${EVENTS}\nALTER TABLE events ADD CONSTRAINT given CHECK (note <> '') NOT VALID;`,
    reason: '"given" of events is not validated',
  },
  {
    name: 'a constraint that is not inherited',
    before: `${EVENTS}\nALTER TABLE events ADD CONSTRAINT given CHECK (note <> '') NO INHERIT;`,
    reason: 'NO INHERIT',
  },
  {
    name: 'a condition that names its table',
    before: `${EVENTS}\nCREATE INDEX noted ON events (note) WHERE events.note <> '';`,
    reason: 'names events in its expressions',
  },
  {
    name: 'a replica identity of an index',
    before: `${EVENTS}\nALTER TABLE events REPLICA IDENTITY USING INDEX events_pkey;`,
    reason: 'replica identity',
  },
  {
    name: 'a trigger on a column that was renamed since',
    before: `CREATE TABLE events (at date NOT NULL, body text);\nCREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;\nCREATE TRIGGER touch BEFORE UPDATE ON events FOR EACH ROW WHEN (NEW.body <> '') EXECUTE FUNCTION touch();\nALTER TABLE events RENAME body TO note;`,
    reason: 'not known as it is now',
  },
  {
    name: 'a trigger that reads rows as a table for each row',
    before: `${EVENTS}\nCREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;\nCREATE TRIGGER touch AFTER INSERT ON events REFERENCING NEW TABLE AS added FOR EACH ROW EXECUTE FUNCTION touch();`,
    reason: 'FOR EACH STATEMENT',
  },
  {
    name: 'a trigger that is switched off',
    before: `${EVENTS}\nCREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;\nCREATE TRIGGER touch AFTER INSERT ON events FOR EACH ROW EXECUTE FUNCTION touch();\nALTER TABLE events DISABLE TRIGGER touch;`,
    reason: 'is disabled',
  },
];

describe('a partition without safe steps is refused', () => {
  test.each(NOT_PARTITIONED)('$name', async ({ before, column = 'at', bounds = '2027-01-01', reason }) => {
    const example = await openExample(engines, { dialect: 'postgresql', sql: before });
    const wish = wishOf('partition-table');
    expect(
      wish === undefined ? undefined : example.project.planWish(wish, [`events.${column}`, bounds], new Date(0)),
    ).toMatchObject({ kind: 'refused', reason: expect.stringContaining(reason) });
  });

  test('bounds of timestamps say their zone, and long names fit', async () => {
    const table = `${'long name '.repeat(6)}end`;
    const example = await openExample(engines, {
      dialect: 'postgresql',
      sql: `CREATE TABLE "${table}" (id bigint PRIMARY KEY, at timestamptz NOT NULL);`,
    });
    const wish = wishOf('partition-table');
    const planned =
      wish === undefined
        ? undefined
        : example.project.planWish(
            wish,
            [`${table}.at`, '2027-01-01, 2027-02-01 12:30,2027-03-01T00:00:00Z,2027-04-01 00:00-05:30'],
            new Date(0),
          );
    const text =
      planned?.kind === 'planned'
        ? planned.change.files.map((file) => ('text' in file ? file.text : '')).join('\n')
        : '';
    expect(text).toContain("FROM ('2027-01-01 00:00+00') TO ('2027-02-01 12:30+00')");
    expect(text).toContain("FROM ('2027-03-01T00:00:00Z') TO ('2027-04-01 00:00-05:30')");
    const names = [...text.matchAll(/"([^"]+)"/g)].map((match) => match[1] ?? '');
    expect(names.filter((name) => name.startsWith('long name') && name.length > 63)).toEqual([]);
    expect(names).toContain(`${table.slice(0, 60)}_p0`);
  });
});
