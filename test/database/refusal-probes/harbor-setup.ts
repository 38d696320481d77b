/** A harbor: ships, berths, calls and cargo, with the history's own functions, checks and indexes over typed columns. */
export const HARBOR = `
CREATE SCHEMA yard;
CREATE EXTENSION citext;
CREATE TYPE flag AS ENUM ('at_sea', 'moored', 'scrapped');
CREATE DOMAIN imo AS integer CHECK (VALUE BETWEEN 1000000 AND 9999999);
CREATE TABLE ships (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  imo imo NOT NULL UNIQUE,
  name varchar(60) NOT NULL,
  state flag NOT NULL DEFAULT 'at_sea',
  draft numeric(4, 2) CHECK (draft > 0),
  built date CHECK (built > '1900-01-01'),
  tags text[] NOT NULL DEFAULT '{}',
  papers jsonb NOT NULL DEFAULT '{}',
  bits bit(8) NOT NULL DEFAULT B'00000000',
  code char(3),
  seen timestamptz DEFAULT now(),
  owner bigint
);
CREATE TABLE berths (id integer PRIMARY KEY, label text NOT NULL, depth numeric(4, 2), box box, free boolean NOT NULL DEFAULT true, notes text);
CREATE INDEX berths_label ON berths (label text_pattern_ops);
CREATE INDEX berths_lower ON berths (lower(label));
CREATE INDEX ships_tags ON ships USING gin (tags);
CREATE INDEX ships_papers ON ships USING gin (papers jsonb_path_ops);
CREATE INDEX berths_box ON berths USING gist (box);
CREATE INDEX berths_free ON berths (id) WHERE free;
CREATE INDEX ships_built ON ships ((built + 1));
CREATE TABLE calls (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  ship_id bigint NOT NULL REFERENCES ships (id),
  berth_id integer REFERENCES berths (id),
  arrived timestamptz NOT NULL,
  "left" timestamptz,
  days integer GENERATED ALWAYS AS (length('x')) STORED,
  CONSTRAINT calls_order CHECK ("left" > arrived),
  UNIQUE (ship_id, arrived)
);
CREATE TABLE cargo (id bigserial PRIMARY KEY, call_id uuid NOT NULL REFERENCES calls (id) ON DELETE CASCADE, what text NOT NULL, tons integer NOT NULL CHECK (tons > 0), price text, hazard boolean DEFAULT false, ratio real DEFAULT 1.5, label text CHECK (label <> ''), picked text DEFAULT 'a' || 'b', weight integer DEFAULT (1 + 2));
CREATE FUNCTION dues(tons integer, days integer DEFAULT 1) RETURNS numeric LANGUAGE sql IMMUTABLE AS $$ SELECT tons * days * 1.5 $$;
CREATE FUNCTION moor(ship bigint, berth integer) RETURNS void LANGUAGE plpgsql AS $$ BEGIN UPDATE berths SET free = false WHERE id = berth; END $$;
CREATE FUNCTION tell(VARIADIC words text[]) RETURNS text LANGUAGE sql AS $$ SELECT words[1] $$;
CREATE FUNCTION in_port() RETURNS SETOF ships LANGUAGE sql STABLE AS $$ SELECT * FROM ships WHERE state = 'moored' $$;
CREATE FUNCTION next_label() RETURNS text LANGUAGE sql AS $$ SELECT 'b1' $$;
CREATE PROCEDURE close_port(reason text) LANGUAGE plpgsql AS $$ BEGIN PERFORM reason; END $$;
CREATE TABLE slips (id bigint PRIMARY KEY, label text DEFAULT next_label(), due numeric GENERATED ALWAYS AS (dues(3)) STORED);
CREATE TABLE yard.cranes (id bigint PRIMARY KEY, lifts integer, berth integer);
CREATE TABLE tides (at timestamptz NOT NULL, gauge text NOT NULL, height real) PARTITION BY RANGE (at);
CREATE TABLE tides_2026 PARTITION OF tides FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
CREATE VIEW moored AS SELECT id, name FROM ships WHERE state = 'moored';
CREATE VIEW heavy AS SELECT c.id, c.tons, k.arrived FROM cargo c JOIN calls k ON k.id = c.call_id WHERE c.tons > 100;
CREATE TABLE pilots (id bigint, name citext, born date, UNIQUE (id));
`;
