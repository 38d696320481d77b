export const USERS = 'CREATE TABLE users (id bigint PRIMARY KEY, email text);\n';
export const STATUS = 'ALTER TABLE users ADD COLUMN status text NOT NULL;\n';
/** Two migrations, the second of which lint objects to. */
export const POSTGRES = { 'migrations/0001_users.up.sql': USERS, 'migrations/0002_status.up.sql': STATUS };
/** Two with their ways back, and a database. */
export const SQLITE = {
  'lockstep.jsonc': '{ "dialect": "sqlite", "database": { "url": "sqlite:app.db", "environment": "staging" } }',
  'migrations/0001_users.up.sql': 'CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT);\n',
  'migrations/0001_users.down.sql': 'DROP TABLE users;\n',
  'migrations/0002_nick.up.sql': 'ALTER TABLE users ADD COLUMN nick TEXT;\n',
  'migrations/0002_nick.down.sql': 'ALTER TABLE users DROP COLUMN nick;\n',
};
