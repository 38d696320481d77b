import type { WholeCase } from './whole-case.ts';

const NOTES = `CREATE TABLE notes (id bigint PRIMARY KEY, owner text NOT NULL);
CREATE TABLE audit (note_id bigint, who text);
CREATE FUNCTION audit_note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO audit VALUES (NEW.id, NEW.owner); RETURN NEW; END $$;
CREATE TRIGGER audit_note AFTER INSERT OR UPDATE ON notes FOR EACH ROW EXECUTE FUNCTION audit_note();`;

/** What function bodies name: a table kind, a change, and what comes of it. */
export const BODY_CASES: readonly WholeCase[] = [
  {
    style: 'bodies',
    name: 'a column that a trigger function reads renamed',
    before: NOTES,
    sql: 'ALTER TABLE notes RENAME COLUMN owner TO author;',
  },
  {
    style: 'bodies',
    name: 'a column of an audited table renamed',
    before: NOTES,
    sql: 'ALTER TABLE notes RENAME COLUMN owner TO author;\nCREATE OR REPLACE FUNCTION audit_note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO audit VALUES (NEW.id, NEW.author); RETURN NEW; END $$;',
  },
  {
    style: 'bodies',
    name: 'the type of a column of an audited table',
    before: NOTES,
    sql: 'ALTER TABLE notes ALTER owner TYPE varchar(100);',
  },
  {
    style: 'bodies',
    name: 'a type that needs no new rows, of a column that a trigger function reads, and an index',
    before: NOTES.replace('owner text NOT NULL', 'owner varchar(50) NOT NULL'),
    sql: 'ALTER TABLE notes ALTER owner TYPE text;\nCREATE INDEX notes_owner ON notes (owner);',
  },
  {
    style: 'bodies',
    name: 'a required column beside',
    before: NOTES,
    sql: 'ALTER TABLE notes ADD COLUMN state text NOT NULL;',
  },
  {
    style: 'bodies',
    name: 'a column that a trigger function reads dropped',
    before: NOTES,
    sql: 'ALTER TABLE notes DROP COLUMN owner;',
    refused: 'audit_note',
  },
  {
    style: 'bodies',
    name: 'a table that a trigger function writes dropped',
    before: NOTES,
    sql: 'DROP TABLE audit;',
    refused: 'audit_note',
  },
  {
    style: 'bodies',
    name: 'a table that a trigger function writes renamed',
    before: NOTES,
    sql: 'ALTER TABLE audit RENAME TO trail;',
    refused: 'audit_note',
  },
  {
    style: 'bodies',
    name: 'the name of a column that a trigger function reads, and then its type',
    before: NOTES,
    sql: 'ALTER TABLE notes RENAME COLUMN owner TO author;\nALTER TABLE notes ALTER author TYPE varchar(100);',
  },
  {
    style: 'bodies',
    name: 'the type of a column that a trigger function reads, and then its name',
    before: NOTES,
    sql: 'ALTER TABLE notes ALTER owner TYPE varchar(100);\nALTER TABLE notes RENAME COLUMN owner TO author;',
  },
  {
    style: 'bodies',
    name: 'a trigger function replaced before the column that it reads gets its name',
    before: NOTES,
    sql: 'CREATE OR REPLACE FUNCTION audit_note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO audit VALUES (NEW.id, NEW.author); RETURN NEW; END $$;\nALTER TABLE notes RENAME COLUMN owner TO author;',
  },
  {
    style: 'bodies',
    name: 'a trigger function replaced before the column that it reads is there',
    before: NOTES,
    sql: 'CREATE OR REPLACE FUNCTION audit_note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO audit VALUES (NEW.id, NEW.state); RETURN NEW; END $$;\nALTER TABLE notes ADD COLUMN state text NOT NULL;',
  },
  {
    style: 'bodies',
    name: 'a trigger function replaced, and the column dropped that it read',
    before: NOTES,
    sql: 'CREATE OR REPLACE FUNCTION audit_note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO audit VALUES (NEW.id, NULL); RETURN NEW; END $$;\nALTER TABLE notes DROP COLUMN owner;',
  },
  {
    style: 'bodies',
    name: 'a column dropped, and then the trigger function replaced that read it',
    before: NOTES,
    sql: 'ALTER TABLE notes DROP COLUMN owner;\nCREATE OR REPLACE FUNCTION audit_note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO audit VALUES (NEW.id, NULL); RETURN NEW; END $$;',
  },
];
