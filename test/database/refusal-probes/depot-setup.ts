/** A schema for what rows of the same history break, keyless published tables, access methods, and labels of the same transaction. */
export const DEPOT = `
CREATE TYPE state AS ENUM ('open', 'done');
CREATE TABLE sites (id bigint PRIMARY KEY, code text UNIQUE, name text NOT NULL);
CREATE TABLE bins (id bigint PRIMARY KEY, site bigint REFERENCES sites (id), code text REFERENCES sites (code), note text);
CREATE TABLE pairs (a int, b int, PRIMARY KEY (a, b));
CREATE TABLE links (id bigint, a int, b int, FOREIGN KEY (a, b) REFERENCES pairs (a, b));
CREATE TABLE tasks (id bigint PRIMARY KEY, state state, parent bigint REFERENCES tasks (id));
CREATE TABLE late (id bigint, site bigint REFERENCES sites (id) DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE feeds (id bigint, body text);
CREATE TABLE keyed (id bigint PRIMARY KEY, body text);
CREATE TABLE whole (id bigint, body text);
ALTER TABLE whole REPLICA IDENTITY FULL;
CREATE TABLE nobody (id bigint PRIMARY KEY, body text);
ALTER TABLE nobody REPLICA IDENTITY NOTHING;
CREATE PUBLICATION out FOR TABLE feeds, keyed, whole, nobody;
CREATE TABLE rarely (id bigint, body text);
CREATE PUBLICATION inserts FOR TABLE rarely WITH (publish = 'insert');
CREATE TABLE shapes (id bigint PRIMARY KEY, area numeric, label text, at timestamptz, span tsrange, spot point, words tsvector, info jsonb, raw json, tags text[], kind state, box box, address inet, ident uuid, flag boolean, data bytea);
CREATE VIEW sums AS SELECT id, area + 1 AS more, upper(label) AS big, count(*) OVER () AS all_of FROM shapes;
CREATE VIEW plain AS SELECT s.id, s.label, s.info ->> 'x' AS x FROM shapes s;
CREATE TABLE hits (id bigint, at timestamptz);
CREATE TABLE limits (top bigint, gone text);
CREATE RULE hits_rule AS ON INSERT TO hits WHERE NEW.id > (SELECT max(l.top) FROM limits l) DO INSTEAD NOTHING;
CREATE FUNCTION mark() RETURNS void LANGUAGE plpgsql AS $$ BEGIN UPDATE tasks SET state = 'held' WHERE id = 1; END $$;
CREATE FUNCTION mark_sql() RETURNS void LANGUAGE sql AS $$ DELETE FROM bins $$;
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
`;
