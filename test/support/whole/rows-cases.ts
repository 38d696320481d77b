/** Tables with more rows than a batch has. */
export const ROWS_BEFORE = `CREATE TABLE users (id bigint PRIMARY KEY, nick text, age int);
CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint NOT NULL, total numeric);
CREATE TABLE members (team bigint, place bigint, role text, PRIMARY KEY (team, place));
CREATE TABLE nokey (a int, b text);
CREATE TABLE archive (id bigint PRIMARY KEY, user_id bigint, total numeric);
INSERT INTO users SELECT i, 'n' || i, i % 7 FROM generate_series(1, 40) i;
INSERT INTO orders SELECT i * 3, 1 + i % 40, i FROM generate_series(1, 90) i;
INSERT INTO members SELECT i / 10, i % 10, NULL FROM generate_series(1, 60) i;
INSERT INTO nokey SELECT i, 'b' FROM generate_series(1, 30) i;`;

/** Statements over many rows: their batches leave the rows that the statement leaves, also when a part of them runs twice. */
export const ROWS_CASES: readonly (readonly [name: string, sql: string])[] = [
  ['UPDATE', "UPDATE users SET nick = 'x' WHERE age > 3;"],
  [
    'UPDATE by a join',
    'UPDATE users AS u SET nick = o.total::text FROM orders o WHERE o.user_id = u.id AND o.total > 50 RETURNING u.id;',
  ],
  ['UPDATE of a key of two columns', "UPDATE members SET role = 'x' -- all\nRETURNING team;"],
  ['DELETE by a join', 'DELETE FROM orders USING users WHERE users.id = orders.user_id AND users.age < 3;'],
  ['DELETE without a key', 'DELETE FROM nokey RETURNING a;'],
  [
    'INSERT',
    'ALTER TABLE orders ADD COLUMN kept boolean;\nINSERT INTO archive SELECT id, user_id, total FROM orders WHERE total > 5;',
  ],
  [
    'INSERT by a join, with ON CONFLICT',
    'ALTER TABLE orders ADD COLUMN kept boolean;\nINSERT INTO archive (id, total, user_id) SELECT o.id, u.age, u.id FROM orders o LEFT JOIN users u ON u.id = o.user_id ORDER BY o.id ON CONFLICT (id) DO UPDATE SET total = excluded.total RETURNING id;',
  ],
  [
    'INSERT of rows of two columns as their key',
    'CREATE TABLE copies (team bigint, place bigint, kind text, UNIQUE (place, team));\nALTER TABLE members ADD COLUMN kept boolean;\nINSERT INTO copies SELECT m.team, m.place, m.role FROM members m;',
  ],
];
