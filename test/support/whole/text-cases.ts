/** A text that names a column or table of `notes` and that the database does not follow, or follows in its own way. */
export interface TextKind {
  readonly kind: string;
  /** Made after the tables. */
  readonly sql: string;
  /** What uses it: must go on working after every step, too. */
  readonly use?: string;
}

/** The tables of each case. */
export const TEXT_TABLES = `CREATE TABLE notes (id bigint PRIMARY KEY, owner text NOT NULL, body text);
CREATE TABLE boards (id bigint PRIMARY KEY REFERENCES notes (id) ON DELETE CASCADE, title text);
CREATE TABLE audit (note_id bigint, who text);`;

const NOTHING = 'CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;';

export const TEXT_KINDS: readonly TextKind[] = [
  {
    kind: 'PL/pgSQL body of a trigger, by NEW',
    sql: 'CREATE FUNCTION note_audit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO audit VALUES (NEW.id, NEW.owner); RETURN NEW; END $$;\nCREATE TRIGGER note_audit AFTER INSERT OR UPDATE ON notes FOR EACH ROW EXECUTE FUNCTION note_audit();',
  },
  {
    kind: "PL/pgSQL body of another table's trigger, by a query",
    sql: 'CREATE FUNCTION board_audit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO audit SELECT id, owner FROM notes LIMIT 1; RETURN NEW; END $$;\nCREATE TRIGGER board_audit AFTER INSERT ON boards FOR EACH ROW EXECUTE FUNCTION board_audit();',
  },
  {
    kind: 'PL/pgSQL body that sets a column of the row',
    sql: 'CREATE FUNCTION note_owner() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.owner := coalesce(NEW.owner, current_user); RETURN NEW; END $$;\nCREATE TRIGGER note_owner BEFORE INSERT ON notes FOR EACH ROW EXECUTE FUNCTION note_owner();',
  },
  {
    kind: 'PL/pgSQL body, EXECUTE of a text',
    sql: "CREATE FUNCTION last_owner() RETURNS text LANGUAGE plpgsql AS $$ DECLARE o text; BEGIN EXECUTE 'SELECT owner FROM notes ORDER BY id DESC LIMIT 1' INTO o; RETURN o; END $$;",
    use: 'SELECT last_owner()',
  },
  {
    kind: 'SQL body as a text',
    sql: "CREATE FUNCTION owner_of(n bigint) RETURNS text LANGUAGE sql AS 'SELECT owner FROM notes WHERE id = n';",
    use: 'SELECT owner_of(21)',
  },
  {
    kind: 'BEGIN ATOMIC',
    sql: 'CREATE FUNCTION owner_of(n bigint) RETURNS text LANGUAGE sql BEGIN ATOMIC SELECT owner FROM notes WHERE id = n; END;',
    use: 'SELECT owner_of(21)',
  },
  {
    kind: 'column list of a trigger',
    sql: `${NOTHING}\nCREATE TRIGGER on_owner BEFORE UPDATE OF owner ON notes FOR EACH ROW EXECUTE FUNCTION nothing();`,
  },
  {
    kind: 'WHEN of a trigger',
    sql: `${NOTHING}\nCREATE TRIGGER when_owner BEFORE UPDATE ON notes FOR EACH ROW WHEN (NEW.owner IS DISTINCT FROM OLD.owner) EXECUTE FUNCTION nothing();`,
  },
  {
    kind: 'policy',
    sql: "ALTER TABLE notes ENABLE ROW LEVEL SECURITY;\nCREATE POLICY own ON notes USING (owner <> 'nobody');",
  },
  {
    kind: 'policy of another table',
    sql: "ALTER TABLE boards ENABLE ROW LEVEL SECURITY;\nCREATE POLICY own ON boards USING (EXISTS (SELECT FROM notes WHERE notes.owner <> 'nobody'));",
  },
  {
    kind: 'rule',
    sql: "CREATE RULE keep AS ON DELETE TO notes DO INSTEAD UPDATE notes SET owner = 'none' WHERE id = OLD.id;",
  },
  { kind: 'column list of a publication', sql: 'CREATE PUBLICATION texts FOR TABLE notes (id, owner);' },
  {
    kind: 'row filter of a publication',
    sql: "CREATE PUBLICATION texts FOR TABLE notes WHERE (owner <> 'x') WITH (publish = 'insert');",
  },
  {
    kind: 'replica identity',
    sql: 'CREATE UNIQUE INDEX notes_owner ON notes (owner);\nALTER TABLE notes REPLICA IDENTITY USING INDEX notes_owner;',
  },
  {
    kind: 'generated column',
    sql: 'ALTER TABLE notes ADD COLUMN shown text GENERATED ALWAYS AS (upper(owner)) STORED;',
  },
  { kind: 'view', sql: 'CREATE VIEW shown AS SELECT id, owner FROM notes;', use: 'SELECT * FROM shown' },
  {
    kind: 'materialized view',
    sql: 'CREATE MATERIALIZED VIEW shown AS SELECT id, owner FROM notes;',
    use: 'REFRESH MATERIALIZED VIEW shown',
  },
];

/** A change: SQL, or a wish. */
export interface TextChange {
  readonly name: string;
  readonly sql?: string;
  readonly wish?: readonly [string, ...string[]];
}

export const TEXT_CHANGES: readonly TextChange[] = [
  { name: 'rename column', sql: 'ALTER TABLE notes RENAME COLUMN owner TO author;' },
  { name: 'drop column', sql: 'ALTER TABLE notes DROP COLUMN owner;' },
  { name: 'change type', sql: 'ALTER TABLE notes ALTER COLUMN owner TYPE varchar(90);' },
  { name: 'rename table', sql: 'ALTER TABLE notes RENAME TO memos;' },
  { name: 'split', wish: ['split-table', 'notes.owner', 'owners'] },
  { name: 'move', wish: ['move-column', 'notes.owner', 'boards'] },
];
