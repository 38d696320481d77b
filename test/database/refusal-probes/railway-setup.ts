/** A railway: stations, trains and tickets; written apart from the other schemas, before looking at what lint says. */
export const RAILWAY = `
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE SCHEMA depot;
CREATE SCHEMA stats;
CREATE TYPE train_class AS ENUM ('regional', 'express', 'night');
CREATE TYPE track_state AS ENUM ('free', 'taken');
CREATE TYPE spot AS (km numeric, line text);
CREATE TYPE shift AS RANGE (subtype = timestamptz);
CREATE DOMAIN station_code AS text CHECK (VALUE ~ '^[A-Z]{3}$');
CREATE DOMAIN seat_count AS int NOT NULL CHECK (VALUE >= 0);
CREATE DOMAIN price AS numeric(8, 2);
CREATE SEQUENCE depot.wagon_numbers;
CREATE SEQUENCE ticket_numbers AS int;
CREATE FUNCTION distance(a numeric, b numeric) RETURNS numeric LANGUAGE sql IMMUTABLE AS 'SELECT abs(a - b)';
CREATE FUNCTION label_of(code text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT upper(code)';
CREATE FUNCTION current_line() RETURNS text LANGUAGE sql STABLE AS $$ SELECT current_setting('app.line', true) $$;
CREATE FUNCTION on_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE FUNCTION on_ddl_end() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN RAISE NOTICE 'ddl'; END $$;
CREATE FUNCTION two_of(a int, b int DEFAULT 2) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT a + b';
CREATE FUNCTION stops_of(train int) RETURNS TABLE (place text, minute int) LANGUAGE sql AS $$ SELECT 'x'::text, train $$;
CREATE PROCEDURE close_line(line text, INOUT closed int DEFAULT 0) LANGUAGE plpgsql AS $$ BEGIN closed := 1; END $$;
CREATE TABLE stations (
  id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  code station_code NOT NULL,
  name text NOT NULL,
  km numeric NOT NULL DEFAULT 0,
  opened date,
  closed date,
  platforms seat_count DEFAULT 1,
  place spot,
  aliases text[] NOT NULL DEFAULT '{}',
  shown text GENERATED ALWAYS AS (label_of(name)) STORED,
  UNIQUE (code),
  CONSTRAINT open_before_closed CHECK (closed IS NULL OR closed > opened)
);
CREATE TABLE trains (
  id bigserial PRIMARY KEY,
  number text NOT NULL,
  class train_class NOT NULL DEFAULT 'regional',
  home int REFERENCES stations (id),
  wagon int DEFAULT nextval('depot.wagon_numbers'),
  seats seat_count DEFAULT 100,
  fare price,
  served tstzrange,
  notes jsonb NOT NULL DEFAULT '{}',
  created timestamptz NOT NULL DEFAULT now(),
  EXCLUDE USING gist (served WITH &&)
);
CREATE UNIQUE INDEX trains_number ON trains (number) WHERE class <> 'night';
CREATE INDEX trains_label ON trains (label_of(number));
CREATE INDEX stations_name_trgm ON stations USING gin (name gin_trgm_ops);
CREATE TABLE tickets (
  id int NOT NULL DEFAULT nextval('ticket_numbers'),
  train bigint NOT NULL REFERENCES trains (id) ON DELETE CASCADE,
  sold date NOT NULL,
  holder text,
  paid price CHECK (paid > 0),
  PRIMARY KEY (id, sold)
) PARTITION BY RANGE (sold);
CREATE TABLE tickets_2024 PARTITION OF tickets FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE tickets_2025 PARTITION OF tickets FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE tickets_loose (LIKE tickets INCLUDING DEFAULTS);
CREATE TABLE signals (id int, region text NOT NULL, state track_state) PARTITION BY LIST (region);
CREATE TABLE signals_north PARTITION OF signals FOR VALUES IN ('n', 'ne');
CREATE TABLE signals_rest PARTITION OF signals DEFAULT;
CREATE TABLE vehicles (id int PRIMARY KEY, weight numeric NOT NULL);
CREATE TABLE engines (power int CHECK (power > 0)) INHERITS (vehicles);
CREATE TABLE stats.daily (day date PRIMARY KEY, sold int NOT NULL DEFAULT 0, income numeric);
CREATE TABLE staff (id int PRIMARY KEY, login text UNIQUE, boss int REFERENCES staff (id), team text, secret text);
ALTER TABLE staff ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON staff FOR SELECT USING (login = current_user);
CREATE POLICY team_rows ON staff FOR UPDATE USING (team = current_line());
CREATE VIEW open_stations AS SELECT id, code, name FROM stations WHERE closed IS NULL;
CREATE VIEW fares AS SELECT t.number, t.fare * 2 AS twice FROM trains t;
CREATE VIEW named AS SELECT o.name FROM open_stations o;
CREATE MATERIALIZED VIEW stats.per_class AS SELECT class, count(*) AS trains FROM trains GROUP BY class;
CREATE UNIQUE INDEX per_class_key ON stats.per_class (class);
CREATE TRIGGER trains_change BEFORE UPDATE OF number ON trains FOR EACH ROW WHEN (OLD.class IS DISTINCT FROM NEW.class) EXECUTE FUNCTION on_change();
CREATE CONSTRAINT TRIGGER staff_later AFTER INSERT ON staff DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION on_change();
CREATE RULE keep_daily AS ON DELETE TO stats.daily WHERE OLD.sold > 0 DO INSTEAD NOTHING;
CREATE EVENT TRIGGER watch_ddl ON ddl_command_end EXECUTE FUNCTION on_ddl_end();
ALTER EVENT TRIGGER watch_ddl DISABLE;
CREATE PUBLICATION moves FOR TABLE stations, trains;
CREATE PUBLICATION bare FOR TABLE tickets_loose;
CREATE STATISTICS station_stats (dependencies) ON code, name FROM stations;
CREATE FOREIGN DATA WRAPPER elsewhere;
CREATE SERVER other_line FOREIGN DATA WRAPPER elsewhere;
CREATE FOREIGN TABLE far_stations (id int, name text) SERVER other_line;
CREATE AGGREGATE longest (numeric) (SFUNC = numeric_larger, STYPE = numeric);
CREATE FUNCTION same_place(a spot, b spot) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT (a).km = (b).km';
CREATE OPERATOR ~~~ (LEFTARG = spot, RIGHTARG = spot, FUNCTION = same_place);
CREATE COLLATION plain_order FROM "C";
CREATE TABLE slots (during shift, room int, label varchar(10) COLLATE plain_order);
`;

export const RAILWAY_14 = `
CREATE FUNCTION open_count() RETURNS bigint LANGUAGE sql STABLE BEGIN ATOMIC SELECT count(*) FROM stations WHERE closed IS NULL; END;
`;

export const RAILWAY_15 = `
CREATE PUBLICATION narrow FOR TABLE vehicles (id, weight);
`;
