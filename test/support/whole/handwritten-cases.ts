import type { WholeCase } from './whole-case.ts';

const TABLES = `CREATE TABLE teams (id bigint PRIMARY KEY, title text);
CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL, name text, nick text, age int, score int NOT NULL DEFAULT 0, team_id bigint, seen timestamptz);
CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint NOT NULL REFERENCES users (id), total numeric(10,2) NOT NULL DEFAULT 0, note varchar(50), state text NOT NULL DEFAULT 'new');
CREATE TABLE members (team bigint, place bigint, role text, PRIMARY KEY (team, place));
CREATE TABLE archive (id bigint PRIMARY KEY, user_id bigint, total numeric);
CREATE INDEX users_nick ON users (nick);
CREATE INDEX users_age ON users (age);`;

const KEYLESS =
  'CREATE TABLE logs (at timestamptz, level text, team text, hits int, data json);\nCREATE TABLE teams (id bigint PRIMARY KEY, name text);';

const READ = `CREATE TABLE people (id bigint PRIMARY KEY, code int CONSTRAINT people_code_key UNIQUE, name text NOT NULL);
CREATE VIEW active AS SELECT id, name FROM people;
CREATE MATERIALIZED VIEW "Names" AS SELECT name FROM active;
CREATE TABLE visits (id bigint PRIMARY KEY, person_id bigint REFERENCES people (id), code int REFERENCES people (code));`;

type Written = readonly [name: string, sql: string, more?: Partial<WholeCase>];

const CASES: readonly Written[] = [
  [
    'add, fill, require',
    "ALTER TABLE users ADD COLUMN status text;\nUPDATE users SET status = 'active';\nALTER TABLE users ALTER COLUMN status SET NOT NULL;",
  ],
  [
    'add, fill, require, index',
    "ALTER TABLE users ADD COLUMN status text;\nUPDATE users SET status = 'active' WHERE status IS NULL;\nALTER TABLE users ALTER COLUMN status SET NOT NULL;\nCREATE INDEX users_status ON users (status);",
  ],
  [
    'add, fill, require and default',
    'ALTER TABLE users ADD COLUMN level int;\nUPDATE users SET level = score / 10;\nALTER TABLE users ALTER COLUMN level SET DEFAULT 0, ALTER COLUMN level SET NOT NULL;',
  ],
  [
    'two columns filled by one update',
    "ALTER TABLE users ADD COLUMN a text, ADD COLUMN b text;\nUPDATE users SET a = 'x', b = 'y';\nALTER TABLE users ALTER a SET NOT NULL, ALTER b SET NOT NULL;",
  ],
  [
    'a column that was there, filled and required while the old version leaves it empty',
    'UPDATE users SET team_id = 21 WHERE team_id IS NULL;\nALTER TABLE users ALTER COLUMN team_id SET NOT NULL;',
  ],
  [
    'rows without a value deleted, and the value required while the old version leaves it empty',
    'DELETE FROM users WHERE team_id IS NULL;\nALTER TABLE users ALTER COLUMN team_id SET NOT NULL;',
  ],
  [
    'rows that break a check mended before it',
    'UPDATE users SET team_id = 21 WHERE team_id IS NULL OR team_id < 0;\nALTER TABLE users ADD CONSTRAINT users_teamed CHECK (team_id IS NOT NULL AND team_id >= 0);',
  ],
  [
    'rows that point at nothing deleted before the foreign key',
    'DELETE FROM archive WHERE user_id IS NULL OR NOT EXISTS (SELECT FROM users WHERE users.id = archive.user_id);\nALTER TABLE archive ALTER user_id SET NOT NULL;\nALTER TABLE archive ADD CONSTRAINT archive_user FOREIGN KEY (user_id) REFERENCES users (id);',
  ],
  [
    'rows deleted with what points at them, before their value is required',
    'DELETE FROM orders WHERE user_id IN (SELECT id FROM users WHERE team_id IS NULL);\nDELETE FROM users WHERE team_id IS NULL;\nUPDATE users SET team_id = (SELECT min(id) FROM teams) WHERE team_id IS NULL;\nALTER TABLE users DROP COLUMN nick;\nALTER TABLE users ALTER COLUMN team_id SET NOT NULL;',
  ],
  [
    'a block that makes rows unique before the key',
    'DO $$ BEGIN UPDATE users SET nick = NULL WHERE id IN (SELECT id FROM (SELECT id, row_number() OVER (PARTITION BY nick ORDER BY id) AS n FROM users) AS twice WHERE n > 1); END $$;\nCREATE UNIQUE INDEX users_nick_once ON users (nick);',
    { stays: ['unbatched-update'] },
  ],
  [
    'an index replaced by one over an expression, under its name',
    'DROP INDEX users_nick;\nCREATE INDEX users_nick ON users (lower(nick));\nDROP INDEX users_age;\nCREATE INDEX users_age ON users (age, score);',
  ],
  [
    'row security turned on beside an index',
    "ALTER TABLE users ENABLE ROW LEVEL SECURITY;\nCREATE POLICY named ON users USING (name <> 'nobody');\nCREATE INDEX users_score ON users (score);",
  ],
  [
    'tables in use that are emptied together',
    'TRUNCATE people CASCADE;\nALTER TABLE people ADD COLUMN state text NOT NULL;',
    { before: READ },
  ],
  [
    'a new table beside an index that is replaced, and a deploy',
    'DROP INDEX users_nick;\nCREATE UNIQUE INDEX users_nick ON users (id, score);\nCREATE TABLE tags (id bigint PRIMARY KEY, owner_id bigint REFERENCES users (id));\nDELETE FROM users WHERE team_id IS NULL AND NOT EXISTS (SELECT FROM orders WHERE user_id = users.id);\nUPDATE users SET team_id = 21 WHERE team_id IS NULL;\nALTER TABLE users ALTER team_id SET NOT NULL;',
  ],
  [
    'foreign keys of several tables replaced, all dropped first',
    'ALTER TABLE orders DROP CONSTRAINT orders_user_id_fkey;\nALTER TABLE visits DROP CONSTRAINT visits_user;\nALTER TABLE orders ADD CONSTRAINT orders_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE;\nALTER TABLE visits ADD CONSTRAINT visits_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE SET NULL;',
    {
      before:
        'CREATE TABLE users (id bigint PRIMARY KEY);\nCREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint REFERENCES users (id));\nCREATE TABLE visits (id bigint PRIMARY KEY, user_id bigint, CONSTRAINT visits_user FOREIGN KEY (user_id) REFERENCES users (id));',
    },
  ],
  ['a table in use that is emptied', 'TRUNCATE TABLE archive;\nALTER TABLE archive ADD COLUMN state text NOT NULL;'],
  [
    'the column of a key dropped, and another key made',
    'ALTER TABLE places DROP COLUMN id;\nALTER TABLE places ADD PRIMARY KEY (code);',
    { before: 'CREATE TABLE places (id bigint PRIMARY KEY, code text NOT NULL, name text);' },
  ],
  [
    'a column that becomes json',
    'ALTER TABLE marks ALTER COLUMN hits TYPE json USING hits::json;',
    { before: 'CREATE TABLE marks (id bigint PRIMARY KEY, hits jsonb);', stays: ['json-column'] },
  ],
  [
    'a new table with keys to several tables that are in use',
    'CREATE TABLE notes (id bigint PRIMARY KEY, user_id bigint, order_id bigint);\nALTER TABLE users ADD COLUMN bio text;\nALTER TABLE notes ADD CONSTRAINT notes_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE;\nALTER TABLE notes ADD CONSTRAINT notes_order FOREIGN KEY (order_id) REFERENCES orders (id);\nCREATE INDEX notes_user_id ON notes (user_id);',
  ],
  [
    'a new table with keys in blocks that ask for them',
    "CREATE TABLE notes (id bigint PRIMARY KEY, user_id bigint, order_id bigint);\nALTER TABLE users ADD COLUMN bio text;\nDO $$ BEGIN\n IF NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conname = 'notes_user') THEN\n ALTER TABLE notes ADD CONSTRAINT notes_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE;\n END IF; END $$;\nDO $$ BEGIN\n ALTER TABLE notes ADD CONSTRAINT notes_order FOREIGN KEY (order_id) REFERENCES orders (id);\nEXCEPTION WHEN duplicate_object THEN null; END $$;",
  ],
  [
    'a foreign key that a block drops where it is there, and adds with another action',
    "DO $$ BEGIN\n  IF EXISTS (SELECT 1 FROM pg_constraint WHERE conname = 'orders_user_id_fkey') THEN\n    ALTER TABLE orders DROP CONSTRAINT orders_user_id_fkey;\n  END IF;\n  ALTER TABLE orders ADD CONSTRAINT orders_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE;\nEND $$;",
  ],
  [
    'a foreign key that one block drops and the next one adds',
    "DO $$ BEGIN\n  IF EXISTS (SELECT FROM information_schema.table_constraints WHERE constraint_name = 'orders_user_id_fkey' AND table_name = 'orders') THEN\n    ALTER TABLE \"orders\" DROP CONSTRAINT \"orders_user_id_fkey\";\n  END IF;\nEND $$;\nDO $$ BEGIN\n  IF NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conname = 'orders_user_id_fkey') THEN\n    ALTER TABLE orders ADD CONSTRAINT orders_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE;\n  END IF;\nEND $$;",
  ],
  [
    'a name that is cut off, in a block that asks for it',
    "ALTER TABLE users ADD COLUMN bio text;\nDO $$ BEGIN\n  IF NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conname = 'users_team_id_teams_id_foreign_key_of_all_who_belong_to_a_team_fk') THEN\n    ALTER TABLE users ADD CONSTRAINT users_team_id_teams_id_foreign_key_of_all_who_belong_to_a_team_fk FOREIGN KEY (team_id) REFERENCES teams (id);\n  END IF;\nEND $$;",
  ],
  [
    'an index for a fill alone',
    'CREATE INDEX users_for_fill ON users (id) WHERE nick IS NULL;\nUPDATE users SET nick = name WHERE nick IS NULL;\nDROP INDEX IF EXISTS users_for_fill;',
  ],
  [
    'rows are made unique, and then have to be',
    "UPDATE tags SET title = title || '-' || id;\nCREATE UNIQUE INDEX tags_title ON tags (title);\nALTER TABLE tags ALTER COLUMN title DROP DEFAULT;",
    { before: "CREATE TABLE tags (id bigint PRIMARY KEY, title text NOT NULL DEFAULT 'tag', hits int);" },
  ],
  [
    'a unique constraint replaced by a primary key over the same columns',
    'ALTER TABLE tags DROP CONSTRAINT tags_once;\nALTER TABLE tags ADD PRIMARY KEY (title, team);',
    {
      before: 'CREATE TABLE tags (title text NOT NULL, team text NOT NULL, CONSTRAINT tags_once UNIQUE (team, title));',
    },
  ],
  [
    'a unique constraint replaced by one of another name, in one statement',
    'ALTER TABLE tags DROP CONSTRAINT tags_once, ADD CONSTRAINT tags_title_team UNIQUE (title, team);',
    {
      before:
        'CREATE TABLE tags (id bigint PRIMARY KEY, title text NOT NULL, team text NOT NULL, CONSTRAINT tags_once UNIQUE (team, title));',
    },
  ],
  [
    'a column goes with CASCADE, and views of views with it',
    'ALTER TABLE people DROP COLUMN name CASCADE;',
    { before: READ },
  ],
  ['a table goes with CASCADE, and views and a foreign key with it', 'DROP TABLE people CASCADE;', { before: READ }],
  ['a view goes with CASCADE, and what reads it with it', 'DROP VIEW active CASCADE;', { before: READ }],
  [
    'a key goes with CASCADE, and the foreign key to it with it',
    'ALTER TABLE people DROP CONSTRAINT people_code_key CASCADE;',
    { before: READ },
  ],
  [
    'a column goes with CASCADE, and a policy with it',
    'ALTER TABLE people DROP COLUMN name CASCADE;',
    {
      before: `${READ}\nALTER TABLE people ENABLE ROW LEVEL SECURITY;\nCREATE POLICY named ON people USING (name <> '');`,
      refused: 'drop or change that by statements of its own first, then drop the column without CASCADE',
    },
  ],
  [
    'rows without a key get a value that tells nothing of them',
    'UPDATE logs SET hits = hits + 1;',
    { before: KEYLESS, refused: 'logs has no primary key to make batches by' },
  ],
  [
    'rows without a key get the time of their batch',
    'UPDATE logs SET at = now();',
    { before: KEYLESS, refused: 'does not tell which rows have it: give it a key first' },
  ],
  [
    'rows without a key get one value of several',
    'UPDATE logs SET level = teams.name FROM teams WHERE teams.id = logs.hits;',
    { before: KEYLESS, refused: 'where several rows of another table may meet one: give it a key first' },
  ],
  [
    'rows without a key get a value that is not compared',
    "UPDATE logs SET data = '{}';",
    { before: KEYLESS, refused: 'values of the type of "data" are not compared: give it a key first' },
  ],
  [
    'rows without a key whose trigger has the last word',
    "UPDATE logs SET level = 'x';",
    {
      before: `${KEYLESS}\nCREATE FUNCTION shout() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.level := upper(NEW.level); RETURN NEW; END $$;\nCREATE TRIGGER shout BEFORE UPDATE ON logs FOR EACH ROW EXECUTE FUNCTION shout();`,
      refused: 'the trigger shout may write other values than the statement',
    },
  ],
  [
    'one column gets two types, one after the other',
    'ALTER TABLE users ALTER COLUMN age TYPE text;\nALTER TABLE users ALTER COLUMN age TYPE bigint USING age::bigint;',
    { refused: 'twice: write the type that it ends in alone' },
  ],
  [
    'a drop that has no safe way is not hidden behind the deploy of another statement',
    'ALTER TABLE safe ALTER COLUMN kind DROP DEFAULT;\nALTER TABLE safe DROP COLUMN id;',
    {
      before: "CREATE TABLE safe (id bigint PRIMARY KEY, kind text NOT NULL DEFAULT 'x');",
      refused: 'give the table another key first',
    },
  ],
  [
    'a column that is added by one name and ends in another',
    'ALTER TABLE users ADD COLUMN level date NOT NULL;\nALTER TABLE users RENAME COLUMN level TO fresh;',
    { refused: 'write the name that it ends in where it is added' },
  ],
  [
    'a column that is added in one type and ends in another',
    'ALTER TABLE users ADD COLUMN level int NOT NULL DEFAULT 0;\nALTER TABLE users ALTER COLUMN level TYPE text;',
    { refused: 'write the type that it ends in where it is added' },
  ],
  [
    'a key replaced by a numbered one',
    'ALTER TABLE teams DROP CONSTRAINT teams_pkey;\nALTER TABLE teams ADD COLUMN number serial PRIMARY KEY;',
  ],
  [
    'a key replaced by an identity, in three statements',
    'ALTER TABLE teams ADD COLUMN number int GENERATED ALWAYS AS IDENTITY;\nALTER TABLE teams DROP CONSTRAINT teams_pkey;\nALTER TABLE teams ADD PRIMARY KEY (number);',
  ],
  [
    'a primary key beside a unique constraint over the same columns',
    'ALTER TABLE tags ADD PRIMARY KEY (title);',
    { before: 'CREATE TABLE tags (title text NOT NULL UNIQUE, hits int, UNIQUE (hits, title));' },
  ],
  [
    'a unique constraint beside a unique index',
    'ALTER TABLE tags ADD CONSTRAINT tags_title UNIQUE (title);',
    { before: 'CREATE TABLE tags (id bigint PRIMARY KEY, title text);\nCREATE UNIQUE INDEX by_title ON tags (title);' },
  ],
  [
    'a column with two like indexes gets another type',
    'ALTER TABLE tags ALTER COLUMN hits TYPE bigint;',
    {
      before:
        'CREATE TABLE tags (id bigint PRIMARY KEY, hits int);\nCREATE INDEX one ON tags (hits);\nCREATE INDEX two ON tags (hits);',
    },
  ],
  [
    'what is there twice goes, then it is unique',
    "WITH ranked AS (SELECT id, row_number() OVER (PARTITION BY nick, age ORDER BY id) AS rn FROM users WHERE name <> 'x') DELETE FROM users WHERE id IN (SELECT id FROM ranked WHERE rn > 1) AND id NOT IN (SELECT user_id FROM orders);\nCREATE UNIQUE INDEX users_once ON users (nick, age, id);",
  ],
  [
    'a column filled from other rows of its table',
    'ALTER TABLE users ADD COLUMN best int;\nUPDATE users u SET best = found.best FROM (SELECT team_id, max(score) AS best FROM users GROUP BY team_id) AS found WHERE found.team_id = u.team_id;',
  ],
  ['a number goes up in every row', 'UPDATE users SET score = score + 1;'],
  ['a numbered column that is unique', 'ALTER TABLE teams ADD COLUMN number bigserial UNIQUE;'],
  [
    'a serial key becomes bigint',
    'ALTER TABLE tags ALTER COLUMN id TYPE bigint;',
    { before: 'CREATE TABLE tags (id serial PRIMARY KEY, title text);' },
  ],
  [
    'filled by a join',
    'ALTER TABLE users ADD COLUMN team_title text;\nUPDATE users SET team_title = teams.title FROM teams WHERE teams.id = users.team_id;',
  ],
  [
    'two tables, in turn',
    'ALTER TABLE users ADD COLUMN a int;\nALTER TABLE orders ADD COLUMN a int;\nALTER TABLE users ADD COLUMN b int;\nALTER TABLE orders ADD COLUMN b int;',
  ],
  ['add and fill', 'ALTER TABLE users ADD COLUMN lower_email text;\nUPDATE users SET lower_email = lower(email);'],
  ['rows changed', 'UPDATE users SET nick = email WHERE nick IS NULL;'],
  ['rows changed by an alias', 'UPDATE users AS u SET nick = u.email WHERE u.nick IS NULL;'],
  ['rows deleted', 'DELETE FROM orders WHERE total < 5;'],
  ['all rows deleted', 'DELETE FROM orders;'],
  ['rows deleted by a join', 'DELETE FROM orders USING users WHERE users.id = orders.user_id AND users.age < 1;'],
  ['rows changed by a key of two columns', "UPDATE members SET role = 'x' -- all\nRETURNING team;"],
  [
    'rows copied',
    'ALTER TABLE orders ADD COLUMN kept boolean;\nINSERT INTO archive (id, user_id, total) SELECT id, user_id, total FROM orders -- those\nWHERE total > 5;',
  ],
  [
    'rows copied by a join, with a clause of their own about those that are there',
    'ALTER TABLE orders ADD COLUMN kept boolean;\nINSERT INTO archive SELECT o.id, u.id, o.total FROM orders AS o JOIN users AS u ON u.id = o.user_id ORDER BY o.id ON CONFLICT (id) DO UPDATE SET total = excluded.total RETURNING id;',
  ],
  [
    'columns moved into a table of their own by hand',
    'CREATE TABLE profiles (id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, user_id bigint UNIQUE REFERENCES users (id), nick text);\nINSERT INTO profiles (user_id, nick) SELECT id, nick FROM users;\nALTER TABLE users DROP COLUMN nick;',
  ],
  ['index, then column dropped', 'DROP INDEX users_nick;\nALTER TABLE users DROP COLUMN nick;'],
  [
    'constraint, then column dropped',
    'ALTER TABLE orders DROP CONSTRAINT orders_user_id_fkey;\nALTER TABLE orders DROP COLUMN user_id;',
  ],
  ['two columns dropped', 'ALTER TABLE users DROP COLUMN nick, DROP COLUMN age;'],
  [
    'a table dropped that another one names',
    'ALTER TABLE orders DROP CONSTRAINT orders_user_id_fkey;\nDROP TABLE users;',
  ],
  ['a table dropped', 'DROP TABLE orders;'],
  ['tables dropped in order', 'DROP TABLE orders;\nDROP TABLE users;'],
  [
    'primary key replaced',
    'ALTER TABLE users ADD COLUMN code bigint;\nALTER TABLE orders DROP CONSTRAINT orders_user_id_fkey;\nALTER TABLE users DROP CONSTRAINT users_pkey;',
  ],
  ['unique index replaced', 'CREATE UNIQUE INDEX users_email_team ON users (email, team_id);\nDROP INDEX users_age;'],
  [
    'rename and index',
    'ALTER TABLE users RENAME COLUMN nick TO handle;\nCREATE INDEX users_handle_age ON users (handle, age);',
  ],
  ['rename of a table', 'ALTER TABLE orders RENAME TO purchases;'],
  ['type and index', 'ALTER TABLE users ALTER age TYPE bigint;\nCREATE INDEX users_age_team ON users (age, team_id);'],
  ['two types', 'ALTER TABLE users ALTER age TYPE bigint, ALTER score TYPE bigint;'],
  [
    'int with default to boolean',
    'ALTER TABLE users ALTER score DROP DEFAULT, ALTER score TYPE boolean USING score <> 0, ALTER score SET DEFAULT false;',
  ],
  ['text to varchar', 'ALTER TABLE users ALTER nick TYPE varchar(100);'],
  ['varchar to shorter', 'ALTER TABLE orders ALTER note TYPE varchar(20);'],
  ['varchar to longer', 'ALTER TABLE orders ALTER note TYPE varchar(200);\nCREATE INDEX orders_note ON orders (note);'],
  [
    'several requirements',
    'ALTER TABLE users ALTER name SET NOT NULL;\nALTER TABLE users ALTER nick SET NOT NULL;\nALTER TABLE users ALTER age SET NOT NULL;',
  ],
  [
    'checks on two tables',
    'ALTER TABLE users ADD CONSTRAINT age_ok CHECK (age >= 0);\nALTER TABLE orders ADD CONSTRAINT total_ok CHECK (total >= 0);',
  ],
  [
    'foreign key without a name',
    'ALTER TABLE users ADD FOREIGN KEY (team_id) REFERENCES teams;\nCREATE INDEX users_team ON users (team_id);',
  ],
  ['volatile default', 'ALTER TABLE users ADD COLUMN token uuid NOT NULL DEFAULT gen_random_uuid();', { stays: [] }],
  [
    'view made again around a type',
    'CREATE VIEW ages AS SELECT id, age FROM users;\nCREATE INDEX users_score ON users (score);',
  ],
  [
    'columns, index, key and check together',
    "ALTER TABLE orders ADD COLUMN buyer_id bigint NOT NULL DEFAULT 21;\nCREATE INDEX orders_buyer ON orders (buyer_id);\nALTER TABLE orders ADD CONSTRAINT orders_buyer_key FOREIGN KEY (buyer_id) REFERENCES users (id);\nALTER TABLE orders ADD CONSTRAINT orders_state_ok CHECK (state <> '');",
  ],
  [
    'grants between',
    "ALTER TABLE users ADD COLUMN status text NOT NULL;\nCOMMENT ON COLUMN users.status IS 'what it is';\nCREATE INDEX users_status ON users (status);",
  ],
  [
    'drop and add under one name',
    'ALTER TABLE users DROP COLUMN age;\nALTER TABLE users ADD COLUMN age bigint;',
    { refused: 'RENAME COLUMN' },
  ],
  [
    'a table made anew by hand',
    'CREATE TABLE new_orders (LIKE orders INCLUDING ALL);\nINSERT INTO new_orders SELECT * FROM orders;\nDROP TABLE orders;\nALTER TABLE new_orders RENAME TO orders;',
    { refused: 'takes the place of orders' },
  ],
  [
    'foreign key to a new table',
    'CREATE TABLE plans (id bigint PRIMARY KEY, title text);\nALTER TABLE users ADD COLUMN plan_id bigint REFERENCES plans (id);\nCREATE INDEX users_plan ON users (plan_id);',
  ],
  [
    'default dropped from several',
    'ALTER TABLE users ADD COLUMN a int NOT NULL DEFAULT 1, ADD COLUMN b int NOT NULL DEFAULT 2;\nALTER TABLE users ALTER a DROP DEFAULT, ALTER b DROP DEFAULT;',
  ],
  [
    'rows deleted before a table that points at them, beside a type',
    'ALTER TABLE users ALTER COLUMN score TYPE bigint;\nDELETE FROM users WHERE age IS NULL;\nCREATE TABLE tags (id bigint PRIMARY KEY, user_id bigint REFERENCES users (id));',
  ],
  [
    'seed beside a change',
    "INSERT INTO teams (id, title) VALUES (900, 'x');\nALTER TABLE users ADD COLUMN status text NOT NULL;",
  ],
  [
    'a foreign key out of a block that minds nothing',
    'ALTER TABLE users ADD COLUMN IF NOT EXISTS boss_id bigint;\nDO $$ BEGIN\n ALTER TABLE users ADD CONSTRAINT users_boss FOREIGN KEY (boss_id) REFERENCES users (id) ON DELETE SET NULL;\nEXCEPTION\n WHEN duplicate_object THEN null;\nEND $$;\nCREATE INDEX IF NOT EXISTS users_boss_id ON users (boss_id);',
  ],
  [
    'a check out of a block that asks',
    "DO $$\nBEGIN\n  IF NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conname = 'users_named') THEN\n    ALTER TABLE public.users ADD CONSTRAINT users_named CHECK (name <> '');\n  END IF;\nEND $$;",
  ],
  [
    'several constraints in one block that asks for each',
    "CREATE TABLE notes (id bigint PRIMARY KEY, user_id bigint, order_id bigint);\nDO $$ BEGIN\n  IF NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conname = 'notes_user' AND conrelid = 'public.notes'::regclass) THEN\n    ALTER TABLE notes ADD CONSTRAINT notes_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE;\n  END IF;\n  IF NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conname = 'users_named') THEN\n    ALTER TABLE public.users ADD CONSTRAINT users_named CHECK (name <> '');\n  END IF;\n  IF NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conname = 'orders_note') THEN\n    ALTER TABLE orders ADD CONSTRAINT orders_note UNIQUE (note, id);\n  END IF;\nEND $$;",
  ],
  [
    'several constraints in one block, each in a block of its own that minds nothing',
    'DO $$ BEGIN\n BEGIN\n  ALTER TABLE users ADD CONSTRAINT users_team FOREIGN KEY (team_id) REFERENCES teams (id);\n EXCEPTION WHEN duplicate_object THEN null;\n END;\n BEGIN\n  ALTER TABLE orders ADD CONSTRAINT orders_total CHECK (total >= 0);\n EXCEPTION WHEN duplicate_object THEN null;\n END;\nEND $$;',
  ],
  [
    'constraints that are written NOT VALID, beside a type',
    "ALTER TABLE users ALTER COLUMN score TYPE bigint;\nALTER TABLE orders ADD CONSTRAINT orders_note CHECK (note <> '') NOT VALID;\nALTER TABLE users ADD CONSTRAINT users_team FOREIGN KEY (team_id) REFERENCES teams (id) NOT VALID;",
  ],
  ['a check that asks for a value', 'ALTER TABLE users ADD CONSTRAINT users_named CHECK (name IS NOT NULL);'],
  ['a name of 63 bytes', `ALTER TABLE users ADD COLUMN "${'n'.repeat(63)}" text NOT NULL;`],
  [
    'dynamic SQL between',
    "ALTER TABLE users ADD COLUMN status text NOT NULL;\nDO $$ BEGIN EXECUTE 'SELECT 1'; END $$;\nCREATE INDEX users_score ON users (score);",
    { stays: ['not-analysed'] },
  ],
];

/** Migrations as people write them. */
export const HANDWRITTEN_CASES: readonly WholeCase[] = CASES.map(([name, sql, more]) => ({
  style: 'by hand',
  name,
  before: TABLES,
  sql,
  ...more,
}));
