/** A change that a person asks for without a statement, and the schema that it is to end in. */
export interface WishedCase {
  readonly name: string;
  /** The wish's name and its values. */
  readonly wish: readonly [string, ...string[]];
  readonly before: string;
  readonly wanted: string;
  readonly rows: string;
  /** Steps at the end without a way back; the others are taken back. */
  readonly oneWay?: number;
  /** A part of the catalog's text that the way back cannot take away; the files say so. */
  readonly stays?: string;
}

/** Changes that no single statement asks for. */
export const WISHED_CASES: readonly WishedCase[] = [
  {
    name: 'split of a table in two',
    wish: ['split-table', 'users.street,city', 'addresses'],
    before:
      'CREATE TABLE users (id bigint PRIMARY KEY, street text COLLATE "C", age int, city varchar(30));\nCREATE INDEX users_city ON users (city DESC, street);',
    wanted:
      'CREATE TABLE users (id bigint PRIMARY KEY, age int);\nCREATE TABLE addresses (id bigint PRIMARY KEY REFERENCES users (id) ON UPDATE CASCADE ON DELETE CASCADE, street text COLLATE "C", city varchar(30));\nCREATE INDEX addresses_city ON addresses (city DESC, street);',
    rows: "INSERT INTO users SELECT n, 's' || n, 20, 'c' FROM generate_series(1, 2500) n",
  },
  {
    name: 'merge of two tables',
    wish: ['merge-tables', 'addresses', 'users'],
    oneWay: 3,
    before:
      'CREATE TABLE users (id bigint PRIMARY KEY, age int);\nCREATE TABLE addresses (id bigint PRIMARY KEY REFERENCES users ON DELETE CASCADE, street text COLLATE "C" NOT NULL, city varchar(30) DEFAULT \'c\');\nCREATE INDEX addresses_city ON addresses (city DESC, street);',
    wanted:
      'CREATE TABLE users (id bigint PRIMARY KEY, age int, street text COLLATE "C", city varchar(30));\nCREATE INDEX users_city ON users (city DESC, street);',
    rows: "INSERT INTO users SELECT n, 20 FROM generate_series(1, 2500) n; INSERT INTO addresses SELECT id, 's' || id FROM users WHERE id % 3 > 0",
  },
  {
    name: 'move of two columns to a table whose key points here',
    wish: ['move-column', 'users.street,city', 'addresses'],
    before:
      'CREATE TABLE users (id bigint PRIMARY KEY, street text COLLATE "C" NOT NULL, age int, city varchar(30));\nCREATE INDEX users_city ON users (city DESC, street);\nCREATE TABLE addresses (user_id bigint PRIMARY KEY REFERENCES users ON DELETE CASCADE, land text NOT NULL);',
    wanted:
      'CREATE TABLE users (id bigint PRIMARY KEY, age int);\nCREATE TABLE addresses (user_id bigint PRIMARY KEY REFERENCES users ON DELETE CASCADE, land text NOT NULL, street text COLLATE "C" NOT NULL, city varchar(30));\nCREATE INDEX addresses_city ON addresses (city DESC, street);',
    rows: "INSERT INTO users SELECT n, 's' || n, 20, 'c' FROM generate_series(1, 2500) n; INSERT INTO addresses SELECT id, 'de' FROM users",
  },
  {
    name: 'move of a column with a check and a foreign key to a table that is pointed at',
    wish: ['move-column', 'public.Us er.Straße', 'public.Ort'],
    before:
      'CREATE TABLE streets (name text PRIMARY KEY);\nCREATE TABLE "Ort" (id int PRIMARY KEY, land text);\nCREATE TABLE "Us er" (id int PRIMARY KEY, "Ort" int CONSTRAINT one UNIQUE REFERENCES "Ort", "Straße" text CONSTRAINT "Us er_fk" REFERENCES streets CONSTRAINT given CHECK ("Straße" <> \'\'));\nCREATE INDEX "Us er_S" ON "Us er" ("Straße");',
    wanted:
      'CREATE TABLE streets (name text PRIMARY KEY);\nCREATE TABLE "Ort" (id int PRIMARY KEY, land text, "Straße" text CONSTRAINT "Ort_fk" REFERENCES streets CONSTRAINT "Ort_given" CHECK ("Straße" <> \'\'));\nCREATE TABLE "Us er" (id int PRIMARY KEY, "Ort" int CONSTRAINT one UNIQUE REFERENCES "Ort");\nCREATE INDEX "Ort_S" ON "Ort" ("Straße");',
    rows: 'INSERT INTO streets SELECT \'s\' || n FROM generate_series(0, 9) n; INSERT INTO "Ort" SELECT n, \'de\' FROM generate_series(1, 2500) n; INSERT INTO "Us er" SELECT id, id, \'s\' || id % 10 FROM "Ort"',
  },
  {
    name: 'rename of a value of an enum',
    wish: ['rename-enum-value', 'mood', 'ok', "it's fine"],
    before:
      "CREATE TYPE mood AS ENUM ('ok', 'bad', 'odd');\nCREATE TABLE users (id bigint PRIMARY KEY, mood mood NOT NULL DEFAULT 'ok', moods mood[]);\nCREATE INDEX users_mood ON users (mood);\nCREATE TABLE \"Us er\" (\"Laune\" mood);",
    wanted:
      "CREATE TYPE mood AS ENUM ('ok', 'it''s fine', 'bad', 'odd');\nCREATE TABLE users (id bigint PRIMARY KEY, mood mood NOT NULL DEFAULT 'it''s fine' CONSTRAINT users_mood_not_ok CHECK (mood <> 'ok'), moods mood[] CONSTRAINT users_moods_not_ok CHECK (NOT 'ok' = ANY (moods)));\nCREATE INDEX users_mood ON users (mood);\nCREATE TABLE \"Us er\" (\"Laune\" mood CONSTRAINT \"Us er_Laune_not_ok\" CHECK (\"Laune\" <> 'ok'));",
    rows: "INSERT INTO users SELECT n, CASE n % 2 WHEN 0 THEN 'ok'::mood ELSE 'bad' END, ARRAY['bad', 'ok', NULL]::mood[] FROM generate_series(1, 2500) n; INSERT INTO \"Us er\" SELECT mood FROM users",
    stays: `,\\"it's fine\\"`,
  },
  {
    name: 'rename of a value of an enum of another schema, in a partitioned table',
    wish: ['rename-enum-value', 'geo.Läune', 'gut', 'besser'],
    before:
      "CREATE SCHEMA geo;\nCREATE TYPE geo.\"Läune\" AS ENUM ('gut', 'schlecht');\nCREATE TABLE days (at date, mood geo.\"Läune\" DEFAULT 'gut') PARTITION BY RANGE (at);\nCREATE TABLE days_1 PARTITION OF days FOR VALUES FROM ('2020-01-01') TO ('2030-01-01');\nCREATE TABLE base (id int PRIMARY KEY, mood geo.\"Läune\");\nCREATE TABLE child () INHERITS (base);",
    wanted:
      "CREATE SCHEMA geo;\nCREATE TYPE geo.\"Läune\" AS ENUM ('gut', 'besser', 'schlecht');\nCREATE TABLE days (at date, mood geo.\"Läune\" DEFAULT 'besser' CONSTRAINT days_mood_not_gut CHECK (mood <> 'gut')) PARTITION BY RANGE (at);\nCREATE TABLE days_1 PARTITION OF days FOR VALUES FROM ('2020-01-01') TO ('2030-01-01');\nCREATE TABLE base (id int PRIMARY KEY, mood geo.\"Läune\" CONSTRAINT base_mood_not_gut CHECK (mood <> 'gut'));\nCREATE TABLE child () INHERITS (base);",
    rows: "INSERT INTO days SELECT date '2026-01-01' + n % 300, 'gut' FROM generate_series(1, 2500) n; INSERT INTO base SELECT n, 'gut' FROM generate_series(1, 2500) n; INSERT INTO child SELECT n, 'gut' FROM generate_series(1, 2500) n",
  },
  {
    name: 'partition of a table with all that can hang on one',
    wish: ['partition-table', 'events.at', '2027-01-01,2027-02-01,2027-03-01'],
    before: `CREATE TABLE users (id bigint PRIMARY KEY);
CREATE TABLE events (id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, at timestamptz NOT NULL DEFAULT now(), user_id bigint CONSTRAINT by_user REFERENCES users ON DELETE CASCADE DEFERRABLE, note text COLLATE "C" CONSTRAINT no_x CHECK (note <> 'x'), code text UNIQUE, low text GENERATED ALWAYS AS (lower(code)) STORED);
CREATE INDEX events_at ON events (at DESC);
CREATE INDEX low_notes ON events (lower(note)) INCLUDE (at) WHERE user_id > 3;
CREATE UNIQUE INDEX events_one ON events (lower(code)) WHERE id > 7;
COMMENT ON TABLE events IS 'what happened';
COMMENT ON COLUMN events.at IS 'when it''s over';
COMMENT ON CONSTRAINT no_x ON events IS 'never x';
COMMENT ON CONSTRAINT by_user ON events IS 'who did it';
GRANT SELECT, INSERT ON events TO pg_monitor WITH GRANT OPTION;
GRANT UPDATE (note), SELECT ON events TO PUBLIC;
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE TRIGGER touch BEFORE INSERT OR UPDATE OF note ON public.events FOR EACH ROW WHEN (NEW.note IS NOT NULL) EXECUTE FUNCTION touch('a');
CREATE TRIGGER after_all AFTER INSERT ON events REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION touch();`,
    wanted: `CREATE TABLE users (id bigint PRIMARY KEY);
CREATE TABLE events (id bigint GENERATED BY DEFAULT AS IDENTITY, at timestamptz NOT NULL DEFAULT now(), user_id bigint CONSTRAINT by_user REFERENCES users ON DELETE CASCADE DEFERRABLE, note text COLLATE "C" CONSTRAINT no_x CHECK (note <> 'x'), code text, low text GENERATED ALWAYS AS (lower(code)) STORED, PRIMARY KEY (id, at), CONSTRAINT events_code_key UNIQUE (code, at)) PARTITION BY RANGE (at);
CREATE INDEX events_at ON events (at DESC);
CREATE INDEX low_notes ON events (lower(note)) INCLUDE (at) WHERE user_id > 3;
CREATE UNIQUE INDEX events_one ON events (lower(code), at) WHERE id > 7;
COMMENT ON COLUMN events.at IS 'when it''s over';
COMMENT ON CONSTRAINT no_x ON events IS 'never x';
CREATE TABLE events_p0 (LIKE events INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING GENERATED INCLUDING COMMENTS);
ALTER TABLE events_p0 ADD CONSTRAINT events_p0_pkey PRIMARY KEY (id, at), ADD CONSTRAINT events_p0_code_key UNIQUE (code, at), ADD CONSTRAINT by_user FOREIGN KEY (user_id) REFERENCES users ON DELETE CASCADE DEFERRABLE;
CREATE INDEX events_p0_at ON events_p0 (at DESC);
CREATE INDEX low_notes_p0 ON events_p0 (lower(note)) INCLUDE (at) WHERE user_id > 3;
CREATE UNIQUE INDEX events_p0_one ON events_p0 (lower(code), at) WHERE id > 7;
COMMENT ON TABLE events_p0 IS 'what happened';
COMMENT ON CONSTRAINT by_user ON events_p0 IS 'who did it';
ALTER TABLE events ATTACH PARTITION events_p0 FOR VALUES FROM (MINVALUE) TO ('2027-01-01 00:00+00');
CREATE TABLE events_p1 PARTITION OF events FOR VALUES FROM ('2027-01-01 00:00+00') TO ('2027-02-01 00:00+00');
CREATE TABLE events_p2 PARTITION OF events FOR VALUES FROM ('2027-02-01 00:00+00') TO ('2027-03-01 00:00+00');
CREATE TABLE events_default PARTITION OF events DEFAULT;
COMMENT ON TABLE events IS 'what happened';
COMMENT ON CONSTRAINT by_user ON events IS 'who did it';
GRANT SELECT, INSERT ON events TO pg_monitor WITH GRANT OPTION;
GRANT UPDATE (note), SELECT ON events TO PUBLIC;
GRANT SELECT ON events_p0 TO pg_monitor;
REVOKE ALL ON events_p0 FROM pg_monitor;
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE TRIGGER touch BEFORE INSERT OR UPDATE OF note ON events FOR EACH ROW WHEN (NEW.note IS NOT NULL) EXECUTE FUNCTION touch('a');
CREATE TRIGGER after_all AFTER INSERT ON events REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION touch();`,
    rows: "INSERT INTO users SELECT generate_series(0, 99); INSERT INTO events (at, user_id, note, code) SELECT timestamptz '2026-06-01' + n * interval '1 hour', n % 100, 'n', 'c' || n FROM generate_series(1, 2500) n",
  },
  {
    name: 'partition of a table with a serial key and odd names, by a column that may be empty',
    wish: ['partition-table', 'public.Ev ents.Größe', '1000000'],
    before:
      'CREATE TABLE "Ev ents" ("Nr" serial PRIMARY KEY, "Größe" int, "a""b" text DEFAULT \'x\');\nCREATE INDEX "Größen" ON "Ev ents" ("Größe", "a""b");',
    wanted: `CREATE TABLE "Ev ents" ("Nr" serial, "Größe" int NOT NULL, "a""b" text DEFAULT 'x', PRIMARY KEY ("Nr", "Größe")) PARTITION BY RANGE ("Größe");
CREATE INDEX "Größen" ON "Ev ents" ("Größe", "a""b");
CREATE TABLE "Ev ents_p0" (LIKE "Ev ents" INCLUDING DEFAULTS);
ALTER TABLE "Ev ents_p0" ADD PRIMARY KEY ("Nr", "Größe");
CREATE INDEX "Größen_p0" ON "Ev ents_p0" ("Größe", "a""b");
ALTER TABLE "Ev ents" ATTACH PARTITION "Ev ents_p0" FOR VALUES FROM (MINVALUE) TO (1000000);
CREATE TABLE "Ev ents_default" PARTITION OF "Ev ents" DEFAULT;`,
    rows: 'INSERT INTO "Ev ents" ("Größe") SELECT n FROM generate_series(1, 2500) n',
  },
  {
    name: 'partition of a table whose key has the column already',
    wish: ['partition-table', 'visits.day', '2027-01-01,2028-01-01'],
    before:
      "CREATE TABLE users (name text PRIMARY KEY);\nCREATE TABLE visits (name text REFERENCES users, day date, pages int NOT NULL DEFAULT 0, PRIMARY KEY (name, day)) WITH (fillfactor = 70);\nALTER TABLE visits REPLICA IDENTITY FULL, ALTER pages SET STATISTICS 500, ALTER name SET (n_distinct = -0.5);\nCOMMENT ON INDEX visits_pkey IS 'one a day';",
    wanted: `CREATE TABLE users (name text PRIMARY KEY);
CREATE TABLE visits (name text REFERENCES users, day date, pages int NOT NULL DEFAULT 0, PRIMARY KEY (name, day)) PARTITION BY RANGE (day);
CREATE TABLE visits_p0 (LIKE visits INCLUDING DEFAULTS);
ALTER TABLE visits_p0 ADD PRIMARY KEY (name, day), ADD CONSTRAINT visits_name_fkey FOREIGN KEY (name) REFERENCES users;
ALTER TABLE visits ATTACH PARTITION visits_p0 FOR VALUES FROM (MINVALUE) TO ('2027-01-01');
CREATE TABLE visits_p1 PARTITION OF visits FOR VALUES FROM ('2027-01-01') TO ('2028-01-01');
CREATE TABLE visits_default PARTITION OF visits DEFAULT;
ALTER TABLE visits ALTER pages SET STATISTICS 500, ALTER name SET (n_distinct = -0.5);
ALTER TABLE visits_p0 ALTER name SET (n_distinct = -0.5);
ALTER TABLE visits_p1 ALTER name SET (n_distinct = -0.5);
ALTER TABLE visits_default ALTER name SET (n_distinct = -0.5);
ALTER TABLE visits_p0 SET (fillfactor = 70);
ALTER TABLE visits_p1 SET (fillfactor = 70);
ALTER TABLE visits_default SET (fillfactor = 70);
ALTER TABLE visits REPLICA IDENTITY FULL;
ALTER TABLE visits_p0 REPLICA IDENTITY FULL;
ALTER TABLE visits_p1 REPLICA IDENTITY FULL;
ALTER TABLE visits_default REPLICA IDENTITY FULL;
COMMENT ON INDEX visits_pkey IS 'one a day';
COMMENT ON INDEX visits_p0_pkey IS 'one a day';`,
    rows: "INSERT INTO users SELECT 'n' || n FROM generate_series(1, 100) n; INSERT INTO visits SELECT 'n' || n % 100 + 1, date '2026-01-01' + n / 100 FROM generate_series(1, 2500) n",
  },
  {
    name: 'partition of a table without a primary key',
    wish: ['partition-table', 'logs.at', '2027-01-01'],
    before:
      'CREATE TABLE logs (at timestamp NOT NULL, note text, n smallserial, CONSTRAINT one UNIQUE (n, at) DEFERRABLE INITIALLY DEFERRED);\nCREATE UNIQUE INDEX logs_note ON logs (note) INCLUDE (n) WITH (fillfactor = 80);\nCREATE INDEX logs_hash ON logs USING hash (note);',
    wanted: `CREATE TABLE logs (at timestamp NOT NULL, note text, n smallserial, CONSTRAINT one UNIQUE (n, at) DEFERRABLE INITIALLY DEFERRED) PARTITION BY RANGE (at);
CREATE UNIQUE INDEX logs_note ON logs (note, at) INCLUDE (n) WITH (fillfactor = 80);
CREATE INDEX logs_hash ON logs USING hash (note);
CREATE TABLE logs_p0 (LIKE logs INCLUDING DEFAULTS);
ALTER TABLE logs_p0 ADD CONSTRAINT one_p0 UNIQUE (n, at) DEFERRABLE INITIALLY DEFERRED;
CREATE UNIQUE INDEX logs_p0_note ON logs_p0 (note, at) INCLUDE (n) WITH (fillfactor = 80);
CREATE INDEX logs_p0_hash ON logs_p0 USING hash (note);
ALTER TABLE logs ATTACH PARTITION logs_p0 FOR VALUES FROM (MINVALUE) TO ('2027-01-01');
CREATE TABLE logs_default PARTITION OF logs DEFAULT;`,
    rows: "INSERT INTO logs SELECT timestamp '2026-01-01' + n * interval '1 hour', 'n' || n FROM generate_series(1, 2500) n",
  },
  {
    name: 'partition of a table by its identity key',
    wish: ['partition-table', 'logs.id', '1000000,2000000'],
    before: 'CREATE TABLE logs (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, note text);',
    wanted: `CREATE TABLE logs (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, note text) PARTITION BY RANGE (id);
CREATE TABLE logs_p0 (LIKE logs);
ALTER TABLE logs_p0 ADD PRIMARY KEY (id);
ALTER TABLE logs ATTACH PARTITION logs_p0 FOR VALUES FROM (MINVALUE) TO (1000000);
CREATE TABLE logs_p1 PARTITION OF logs FOR VALUES FROM (1000000) TO (2000000);
CREATE TABLE logs_default PARTITION OF logs DEFAULT;`,
    rows: "INSERT INTO logs (note) SELECT 'n' || n FROM generate_series(1, 2500) n",
  },
  {
    name: 'replacement of an enum',
    wish: ['replace-enum', 'Us er.Läune'],
    oneWay: 1,
    before:
      'CREATE TYPE "Mood" AS ENUM (\'ok\', \'it\'\'s\');\nCREATE TABLE "Us er" (id bigint PRIMARY KEY, "Läune" "Mood" NOT NULL DEFAULT \'it\'\'s\', CONSTRAINT "Us er_Läune_check" CHECK ("Läune" <> \'ok\' OR id > 0));\nCREATE INDEX moods ON "Us er" ("Läune", id) WHERE "Läune" <> \'ok\';',
    wanted:
      'CREATE TYPE "Mood" AS ENUM (\'ok\', \'it\'\'s\');\nCREATE TABLE "Us er" (id bigint PRIMARY KEY, "Läune" text NOT NULL DEFAULT \'it\'\'s\' CONSTRAINT "Us er_Läune_check_1" CHECK ("Läune" IN (\'ok\', \'it\'\'s\')), CONSTRAINT "Us er_Läune_check" CHECK ("Läune" <> \'ok\' OR id > 0));\nCREATE INDEX moods ON "Us er" ("Läune", id) WHERE "Läune" <> \'ok\';',
    rows: "INSERT INTO \"Us er\" SELECT n, CASE n % 2 WHEN 0 THEN 'ok'::\"Mood\" ELSE 'it''s' END FROM generate_series(1, 2500) n",
  },
  {
    name: 'replacement of an enum that checks and indexes cast to',
    wish: ['replace-enum', 'users.mood'],
    oneWay: 1,
    before:
      "CREATE TYPE mood AS ENUM ('ok', 'bad');\nCREATE TABLE users (id bigint PRIMARY KEY, mood mood DEFAULT 'ok'::public.mood, CONSTRAINT given CHECK (mood <> CAST('bad' AS mood) OR id > 0 AND mood = ANY (ARRAY['ok'::mood, 'bad'::public.mood])));\nCREATE INDEX oks ON users (id, (mood = 'ok'::Mood)) WHERE mood IN ('ok'::mood, 'bad');",
    wanted:
      "CREATE TYPE mood AS ENUM ('ok', 'bad');\nCREATE TABLE users (id bigint PRIMARY KEY, mood text DEFAULT 'ok' CHECK (mood IN ('ok', 'bad')), CONSTRAINT given CHECK (mood <> CAST('bad' AS text) OR id > 0 AND mood = ANY (ARRAY['ok'::text, 'bad'::text])));\nCREATE INDEX oks ON users (id, (mood = 'ok'::text)) WHERE mood IN ('ok'::text, 'bad');",
    rows: 'INSERT INTO users SELECT n FROM generate_series(1, 2500) n',
  },
  {
    name: 'replacement of an enum of another schema',
    wish: ['replace-enum', 'users.mood'],
    oneWay: 1,
    before:
      "CREATE SCHEMA geo;\nCREATE TYPE geo.mood AS ENUM ('ok');\nCREATE TABLE users (id bigint PRIMARY KEY, mood geo.mood DEFAULT 'ok'::geo.mood, other geo.mood);",
    wanted:
      "CREATE SCHEMA geo;\nCREATE TYPE geo.mood AS ENUM ('ok');\nCREATE TABLE users (id bigint PRIMARY KEY, other geo.mood, mood text DEFAULT 'ok' CHECK (mood IN ('ok')));",
    rows: 'INSERT INTO users SELECT n FROM generate_series(1, 2500) n',
  },
  {
    name: 'computed column behind a trigger that changes the row',
    wish: ['generated-column', 'orders.total', 'numeric(12,2) NOT NULL', 'amount * coalesce(price, 0)'],
    before:
      'CREATE TABLE orders (id bigint PRIMARY KEY, amount int NOT NULL, price numeric(10,2), found bool);\nCREATE FUNCTION tidy() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.amount := abs(NEW.amount); RETURN NEW; END $$;\nCREATE TRIGGER tidy BEFORE INSERT OR UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION tidy();',
    wanted: `CREATE TABLE orders (id bigint PRIMARY KEY, amount int NOT NULL, price numeric(10,2), found bool, total numeric(12,2) NOT NULL);
CREATE FUNCTION tidy() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.amount := abs(NEW.amount); RETURN NEW; END $$;
CREATE TRIGGER tidy BEFORE INSERT OR UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION tidy();
CREATE FUNCTION orders_total_generated() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$ BEGIN RETURN NEW; END $$;
CREATE TRIGGER "~_orders_total_generated" BEFORE INSERT OR UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION orders_total_generated();`,
    rows: 'INSERT INTO orders SELECT n, n, n / 7 FROM generate_series(1, 2500) n',
  },
  {
    name: 'computed column with odd names, a collation and a check',
    wish: [
      'generated-column',
      'public.Or"ders.Näme of',
      'text COLLATE "C" CONSTRAINT short CHECK (length("Näme of") < 99)',
      `lower("a'b") || 'it''s'`,
    ],
    before: `CREATE TABLE "Or""ders" ("a'b" text);`,
    wanted: `CREATE TABLE "Or""ders" ("a'b" text, "Näme of" text COLLATE "C" CONSTRAINT short CHECK (length("Näme of") < 99));
CREATE FUNCTION "Or""ders_Näme of_generated"() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$ BEGIN RETURN NEW; END $$;
CREATE TRIGGER "Or""ders_Näme of_generated" BEFORE INSERT OR UPDATE ON "Or""ders" FOR EACH ROW EXECUTE FUNCTION "Or""ders_Näme of_generated"();`,
    rows: `INSERT INTO "Or""ders" SELECT 'N' || n FROM generate_series(1, 2500) n`,
  },
  {
    name: 'column that is there, computed from now on',
    wish: ['generated-column', 'orders.total', 'int', 'amount * 2'],
    before:
      'CREATE TABLE orders (id bigint PRIMARY KEY, amount int, total int NOT NULL DEFAULT 7);\nCREATE INDEX orders_total ON orders (total);',
    wanted: `CREATE TABLE orders (id bigint PRIMARY KEY, amount int, total int NOT NULL DEFAULT 7);
CREATE INDEX orders_total ON orders (total);
CREATE FUNCTION orders_total_generated() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$ BEGIN RETURN NEW; END $$;
CREATE TRIGGER orders_total_generated BEFORE INSERT OR UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION orders_total_generated();`,
    rows: 'INSERT INTO orders SELECT n, n, n FROM generate_series(1, 2500) n',
  },
];
