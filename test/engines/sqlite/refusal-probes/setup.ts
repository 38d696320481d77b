/** What the probes' statements find: a schema with every kind of dependent that SQLite has. */
export const SETUP = `
CREATE TABLE owners (id INTEGER PRIMARY KEY, email TEXT NOT NULL UNIQUE, name TEXT NOT NULL, age INTEGER CHECK (age >= 0), nick TEXT, score REAL DEFAULT 0, code TEXT COLLATE NOCASE,
  full_name AS (name || ' ' || nick) VIRTUAL, loud TEXT AS (upper(nick)) STORED, spare TEXT, joined TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP, CONSTRAINT owners_code CHECK (length(code) > 1));
CREATE TABLE pets (id INTEGER PRIMARY KEY AUTOINCREMENT, owner_id INTEGER NOT NULL REFERENCES owners (id) ON DELETE CASCADE, name TEXT, born TEXT, weight REAL, tag TEXT UNIQUE,
  state TEXT NOT NULL DEFAULT 'new', remark TEXT, UNIQUE (owner_id, name));
CREATE INDEX pets_born ON pets (born);
CREATE INDEX pets_heavy ON pets (weight) WHERE state = 'big';
CREATE INDEX pets_lower ON pets (lower(name));
CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT, extra TEXT) WITHOUT ROWID;
CREATE TABLE measures (id INTEGER PRIMARY KEY, n INT NOT NULL, body TEXT, raw BLOB, x ANY, r REAL) STRICT;
CREATE TABLE visits (pet_id INTEGER, day TEXT, cost REAL, note TEXT, PRIMARY KEY (pet_id, day), FOREIGN KEY (pet_id) REFERENCES pets (id));
CREATE TABLE lone (a);
CREATE TABLE audit (what TEXT, at TEXT, kind TEXT);
CREATE TABLE filled (id INTEGER PRIMARY KEY, a TEXT, b INTEGER);
CREATE VIEW pet_names AS SELECT id, name FROM pets;
CREATE VIEW grown AS SELECT p.id, p.weight AS kilos, o.name AS owner FROM pets p JOIN owners o ON o.id = p.owner_id WHERE p.weight > 3;
CREATE VIEW everything AS SELECT * FROM visits;
CREATE VIEW nested AS SELECT kilos FROM grown;
CREATE TRIGGER pets_audit AFTER UPDATE OF state ON pets WHEN new.state <> old.state BEGIN INSERT INTO audit (what, at) VALUES (new.name, 'now'); END;
CREATE TRIGGER names_insert INSTEAD OF INSERT ON pet_names BEGIN INSERT INTO pets (id, owner_id, name) VALUES (new.id, 1, new.name); END;
CREATE VIRTUAL TABLE docs USING fts5 (title, body);
`;

/** Rows of it, without which some refusals do not show. */
export const ROWS = `
INSERT INTO owners (id, email, name, age, nick, code) VALUES (1, 'a@b', 'Ann', 30, 'annie', 'xx'), (2, 'c@d', 'Bob', 40, 'bobby', 'yy');
INSERT INTO pets (id, owner_id, name, born, weight, tag, remark) VALUES (1, 1, 'Rex', '2020-01-01', 4.5, 't1', 'r'), (2, 2, 'Tom', NULL, 2, 't2', NULL);
INSERT INTO settings VALUES ('k', 'v', NULL), ('l', NULL, 'e');
INSERT INTO measures VALUES (1, 1, 'b', x'00', 1, 1.5), (2, 2, NULL, NULL, NULL, NULL);
INSERT INTO visits VALUES (1, '2024-01-01', 10, NULL), (2, '2024-01-01', 20, 'n');
INSERT INTO lone VALUES (1);
INSERT INTO audit VALUES ('w', 'x', 'y');
INSERT INTO filled VALUES (1, 'one', 1), (2, NULL, NULL);
INSERT INTO docs VALUES ('t', 'b');
`;
