/** A guild: one of each kind of thing that another one may need, each needed by as many kinds as the server knows. */
export const GUILD = `
CREATE SCHEMA hall;
CREATE SCHEMA attic;
CREATE EXTENSION citext;
CREATE EXTENSION hstore;
CREATE EXTENSION btree_gist;
CREATE EXTENSION pg_trgm;
CREATE TYPE rank AS ENUM ('apprentice', 'fellow', 'master');
CREATE TYPE mark AS ENUM ('held', 'sent');
CREATE TYPE weight AS (grams int, ounces int);
CREATE TYPE span AS RANGE (subtype = int4);
CREATE TYPE loose AS ENUM ('none');
CREATE DOMAIN rate AS numeric(6, 2) CHECK (VALUE >= 0);
CREATE DOMAIN code AS text DEFAULT 'x';
CREATE SEQUENCE numbers;
CREATE SEQUENCE spare_numbers;
CREATE FUNCTION shout(text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT upper($1) $$;
CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE FUNCTION may_see(bigint) RETURNS boolean LANGUAGE sql STABLE AS $$ SELECT $1 > 0 $$;
CREATE FUNCTION twice(x int, y int DEFAULT 2) RETURNS int LANGUAGE sql AS $$ SELECT x * y $$;
CREATE FUNCTION pick(OUT a int, OUT b text) LANGUAGE sql AS $$ SELECT 1, 'x' $$;
CREATE FUNCTION any_rank(rank) RETURNS int LANGUAGE sql AS $$ SELECT 1 $$;
CREATE FUNCTION lone() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$;
CREATE PROCEDURE ends() LANGUAGE plpgsql AS $$ BEGIN COMMIT; END $$;
CREATE PROCEDURE goes_back() LANGUAGE plpgsql AS $$ BEGIN ROLLBACK; END $$;
CREATE PROCEDURE calls_it() LANGUAGE plpgsql AS $$ BEGIN CALL ends(); END $$;
CREATE PROCEDURE harmless() LANGUAGE plpgsql AS $$ BEGIN PERFORM 1; END $$;
CREATE TABLE members (
  id bigint PRIMARY KEY,
  name text NOT NULL,
  email citext,
  state rank DEFAULT 'apprentice',
  pay rate,
  tag code,
  size weight,
  seen int NOT NULL DEFAULT nextval('numbers'),
  a int,
  b int,
  c text,
  d text,
  e int,
  f int,
  loud text GENERATED ALWAYS AS (shout(c)) STORED,
  extra hstore,
  at timestamptz,
  UNIQUE (a),
  CONSTRAINT b_positive CHECK (b > 0)
);
CREATE INDEX members_shout ON members (shout(d));
CREATE INDEX members_part ON members (e) WHERE f > 0;
CREATE INDEX members_plain ON members (e);
CREATE UNIQUE INDEX members_partial ON members (e) WHERE e > 0;
CREATE UNIQUE INDEX members_expression ON members (lower(name));
CREATE UNIQUE INDEX members_unique ON members (name);
CREATE UNIQUE INDEX members_hidden ON members (b DESC);
CREATE VIEW elders AS SELECT id, name, state FROM members WHERE state = 'master';
CREATE VIEW elder_names AS SELECT name FROM elders;
CREATE VIEW alone AS SELECT 1 AS one;
CREATE MATERIALIZED VIEW counts AS SELECT a, count(*) AS n FROM members GROUP BY a;
CREATE TABLE log (id bigint, what text, who bigint, state mark DEFAULT 'held', p int, q int, r text, w int);
CREATE RULE keep AS ON UPDATE TO log WHERE OLD.p IS DISTINCT FROM NEW.p DO ALSO INSERT INTO members (id, name) VALUES (NEW.id, 'x');
CREATE POLICY own ON log USING (may_see(who) AND q > 0);
CREATE TRIGGER on_r BEFORE UPDATE OF r ON log FOR EACH ROW EXECUTE FUNCTION stamp();
CREATE TRIGGER on_w BEFORE UPDATE ON log FOR EACH ROW WHEN (NEW.w > 1) EXECUTE FUNCTION stamp();
CREATE TABLE dues (id bigint PRIMARY KEY, member bigint REFERENCES members (id), a int REFERENCES members (a), sum rate);
CREATE TABLE later (id bigint PRIMARY KEY, member bigint, CONSTRAINT later_member FOREIGN KEY (member) REFERENCES members (id) DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE soon (id bigint PRIMARY KEY, member bigint CONSTRAINT soon_member REFERENCES members (id));
CREATE TABLE events (id bigint, day date NOT NULL, note text, CONSTRAINT events_id CHECK (id > 0)) PARTITION BY RANGE (day);
CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
CREATE TABLE events_rest PARTITION OF events DEFAULT;
CREATE INDEX events_note ON events (note);
CREATE TABLE by_length (t text, k int) PARTITION BY LIST ((length(t)));
CREATE TABLE base (id bigint, note text NOT NULL, CONSTRAINT base_id CHECK (id > 0));
CREATE TABLE child (more int) INHERITS (base);
CREATE TABLE of_weight OF weight;
CREATE TABLE hall.chairs (id bigint PRIMARY KEY);
CREATE TABLE stools (id bigint PRIMARY KEY, chair bigint REFERENCES hall.chairs (id));
CREATE TABLE numbered (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, n int, s serial);
CREATE TABLE spans (id int, during int4range, room int, what text, kind rank, EXCLUDE USING gist (room WITH =, during WITH &&));
CREATE TABLE bare (id bigint, note text);
CREATE TABLE keyed (id bigint PRIMARY KEY, note text);
CREATE TABLE whole (id bigint NOT NULL, note text);
ALTER TABLE whole REPLICA IDENTITY FULL;
CREATE PUBLICATION sent FOR TABLE bare, keyed, whole;
CREATE TRIGGER touched BEFORE INSERT ON members FOR EACH ROW EXECUTE FUNCTION stamp();
`;

/** What 14 brought. */
export const GUILD_14 = `
CREATE FUNCTION born() RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT count(f) FROM members; END;
CREATE FUNCTION born_rank() RETURNS rank LANGUAGE sql RETURN 'fellow'::rank;
`;

/** What 15 brought. */
export const GUILD_15 = `
CREATE TABLE listed (id bigint PRIMARY KEY, x int, y int, z int);
CREATE PUBLICATION columns FOR TABLE listed (id, x) WHERE (id > 1);
CREATE TABLE attic.boxes (id bigint, what text);
CREATE TABLE attic.chests (id bigint PRIMARY KEY, what text);
CREATE PUBLICATION upstairs FOR TABLES IN SCHEMA attic;
`;
