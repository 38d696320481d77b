/** Another schema, with dependents of the kinds that the others have few of. */
export const LIBRARY = `
CREATE SCHEMA lib;
CREATE TYPE genre AS ENUM ('novel', 'poem', 'essay');
CREATE TYPE span AS (since date, until date);
CREATE DOMAIN isbn AS text CHECK (length(VALUE) = 13);
CREATE SEQUENCE shelf_marks;
CREATE FUNCTION is_old(d date) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT d < DATE ''1900-01-01''';
CREATE FUNCTION slug(t text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT lower(t)';
CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE FUNCTION title_of(b bigint) RETURNS text LANGUAGE sql STABLE AS 'SELECT NULL::text';
CREATE TABLE authors (id bigint PRIMARY KEY, name text NOT NULL, born date, alive boolean NOT NULL DEFAULT true, bio text, life span);
CREATE TABLE books (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, author bigint NOT NULL REFERENCES authors (id), title text NOT NULL, genre genre NOT NULL DEFAULT 'novel', isbn isbn UNIQUE,
  printed date, price numeric(8, 2) CHECK (price >= 0), pages int, mark int DEFAULT nextval('shelf_marks'), slug text GENERATED ALWAYS AS (slug(title)) STORED, extra jsonb, tags text[], note text);
CREATE INDEX books_old ON books (id) WHERE is_old(printed);
CREATE INDEX books_title ON books (lower(title));
CREATE INDEX books_tags ON books USING gin (tags);
CREATE UNIQUE INDEX books_author_title ON books (author, title);
CREATE TABLE copies (id bigint, book bigint NOT NULL, shelf text NOT NULL, lent boolean DEFAULT false, PRIMARY KEY (id), UNIQUE (book, shelf), FOREIGN KEY (book) REFERENCES books (id) ON DELETE CASCADE);
CREATE TABLE loans (id bigint, copy bigint, day date NOT NULL, reader text, fee numeric DEFAULT 0, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
CREATE TABLE loans_old PARTITION OF loans FOR VALUES FROM (MINVALUE) TO ('2024-01-01');
CREATE TABLE loans_2024 PARTITION OF loans FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE sections (code text, kind text) PARTITION BY LIST (lower(kind));
CREATE TABLE media (id bigint PRIMARY KEY, label text, weight int);
CREATE TABLE discs (tracks int) INHERITS (media);
CREATE VIEW novels AS SELECT b.id, b.title, a.name FROM books b JOIN authors a ON a.id = b.author WHERE b.genre = 'novel';
CREATE VIEW cheap AS SELECT id, price FROM books WHERE price < 5;
CREATE VIEW long_novels AS SELECT n.id, n.title FROM novels n;
CREATE MATERIALIZED VIEW per_author AS SELECT author, count(*) AS books, max(printed) AS newest FROM books GROUP BY author;
CREATE UNIQUE INDEX per_author_key ON per_author (author);
CREATE TABLE logs (id bigint PRIMARY KEY, what text, at timestamptz DEFAULT now(), level int);
CREATE TABLE logs_copy (id bigint, what text);
CREATE RULE logs_rule AS ON INSERT TO logs DO ALSO INSERT INTO logs_copy VALUES (NEW.id, NEW.what);
CREATE TABLE readers (id bigint PRIMARY KEY, name text, branch int, rank int);
CREATE TABLE branches (id int PRIMARY KEY, city text, manager text);
ALTER TABLE readers ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON readers USING (branch IN (SELECT b.id FROM branches b WHERE b.city = 'x'));
CREATE TRIGGER books_keep BEFORE UPDATE OF title, price ON books FOR EACH ROW WHEN (OLD.pages IS DISTINCT FROM NEW.pages) EXECUTE FUNCTION keep();
CREATE TABLE shipped (id bigint NOT NULL, code text NOT NULL, body text);
CREATE UNIQUE INDEX shipped_code ON shipped (code);
ALTER TABLE shipped REPLICA IDENTITY USING INDEX shipped_code;
CREATE PUBLICATION feed FOR TABLE shipped, media;
CREATE PROCEDURE tidy(n int) LANGUAGE plpgsql AS 'BEGIN NULL; END';
CREATE STATISTICS books_stats ON author, genre FROM books;
CREATE AGGREGATE product (numeric) (SFUNC = numeric_mul, STYPE = numeric);
CREATE FUNCTION outs(a int, OUT b int, OUT c text) LANGUAGE sql AS 'SELECT 1, ''x''::text';
CREATE FUNCTION one(a int, OUT b int) LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION tab(a int) RETURNS TABLE (x int, y text) LANGUAGE sql AS 'SELECT 1, ''x''::text';
CREATE FUNCTION lone(a int) RETURNS TABLE (x int) LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION both_ways(INOUT a int, INOUT b text) LANGUAGE sql AS 'SELECT 1, ''x''::text';
CREATE TABLE fans (id bigint PRIMARY KEY, name text UNIQUE, age int CHECK (age > 0), tier text DEFAULT 'a' CHECK (tier IN ('a', 'b')), score numeric, CONSTRAINT ordered UNIQUE (age, score) DEFERRABLE INITIALLY DEFERRED);
CREATE VIEW fan_names AS SELECT f.id, f.name, f.age::bigint AS age FROM fans f;
CREATE TABLE places (id bigint PRIMARY KEY, city text, note text);
CREATE TABLE visits (id bigint, city text);
CREATE RULE visits_rule AS ON DELETE TO visits DO ALSO INSERT INTO logs_copy SELECT p.id, p.city FROM places p;
`;

/** Beside it on servers that have bodies as parsed SQL. */
export const LIBRARY_14 = `
CREATE FUNCTION book_note(n bigint) RETURNS text LANGUAGE sql STABLE BEGIN ATOMIC SELECT b.note FROM books b WHERE b.id = n; END;
CREATE FUNCTION city_of(n int) RETURNS text LANGUAGE sql STABLE RETURN (SELECT city FROM branches WHERE id = n);
`;

/** Beside it on servers whose publications name columns and rows. */
export const LIBRARY_15 = `
CREATE TABLE posted (id bigint PRIMARY KEY, kind text, body text, private text);
CREATE PUBLICATION posts FOR TABLE posted (id, kind) WHERE (id > 10);
`;
