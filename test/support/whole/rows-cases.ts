/** Tables with more rows than a batch has. */
export const ROWS_BEFORE = `CREATE TABLE users (id bigint PRIMARY KEY, nick text, age int);
CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint NOT NULL, total numeric);
CREATE TABLE members (team bigint, place bigint, role text, PRIMARY KEY (team, place));
CREATE TABLE nokey (a int, b text, c numeric(6,1));
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
  ['a value that depends on itself', "UPDATE users SET age = age + 1 WHERE nick <> 'n3';"],
  [
    'UPDATE with a condition that reads the table again',
    "UPDATE members m SET role = 'last' WHERE place > (SELECT avg(place) FROM members o WHERE o.team = m.team AND o.role IS NULL);",
  ],
  [
    'UPDATE with WITH',
    "WITH ranked AS (SELECT id, row_number() OVER (PARTITION BY age ORDER BY id) AS rn FROM users)\nUPDATE users SET nick = 'again ' || nick, age = 0 WHERE id IN (SELECT id FROM ranked WHERE rn > 1) RETURNING id;",
  ],
  [
    'UPDATE by rows of the table itself',
    'UPDATE orders SET total = o.best, user_id = o.user_id FROM (SELECT user_id, max(total) AS best FROM orders GROUP BY user_id) AS o WHERE orders.user_id = o.user_id AND o.best IS DISTINCT FROM orders.total;',
  ],
  [
    'UPDATE to what a query over the table gives',
    'UPDATE "users" AS "U" SET "age" = (SELECT max(age) FROM users), nick = \'set, from (where\' WHERE "U".id > 3;',
  ],
  [
    'DELETE of what stands there more than once',
    'DELETE FROM users WHERE id IN (SELECT id FROM (SELECT id, row_number() OVER (PARTITION BY age ORDER BY id) AS rn FROM users) AS twice WHERE rn > 1);',
  ],
  [
    'DELETE with WITH and a join',
    'WITH many AS (SELECT user_id, count(*) AS n FROM orders GROUP BY user_id) DELETE FROM orders o USING many WHERE many.user_id = o.user_id AND many.n > 2;',
  ],
  ['DELETE without a key', 'DELETE FROM nokey RETURNING a;'],
  ['DELETE without a key by a join', 'DELETE FROM nokey n USING users u WHERE u.id = n.a AND u.age > 2;'],
  ['UPDATE without a key', "UPDATE nokey AS n SET b = 'x' || n.a, c = NULL WHERE a > 4;"],
  ['UPDATE without a key to what the column rounds', 'UPDATE nokey SET c = a / 7.0;'],
  [
    'UPDATE of a new column without a key by a join, whose value is empty at times',
    "ALTER TABLE nokey ADD COLUMN d text;\nUPDATE nokey n SET d = nullif(u.nick, 'n3') FROM users u WHERE u.id = n.a;",
  ],
  [
    'UPDATE by other rows of the table, of which each follows another',
    'UPDATE users AS u SET age = o.age FROM users o WHERE o.id = u.id - 1;',
  ],
  [
    'DELETE by other rows of the table, of which each follows another',
    'DELETE FROM users u USING users o WHERE o.id = u.id + 1;',
  ],
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
