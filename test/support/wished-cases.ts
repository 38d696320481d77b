/** A change that a person asks for without a statement, and the schema that it is to end in. */
export interface WishedCase {
  readonly name: string;
  /** The wish's name and its values. */
  readonly wish: readonly [string, ...string[]];
  readonly before: string;
  readonly wanted: string;
  readonly rows: string;
  /** Steps at the end without a way back; the others are taken back. */
  readonly oneWay?: number;
}

/** Changes that no single statement asks for. */
export const WISHED_CASES: readonly WishedCase[] = [
  {
    name: 'split of a table in two', wish: ['split-table', 'users.street,city', 'addresses'],
    before: "CREATE TABLE users (id bigint PRIMARY KEY, street text COLLATE \"C\", age int, city varchar(30));\nCREATE INDEX users_city ON users (city DESC, street);",
    wanted: 'CREATE TABLE users (id bigint PRIMARY KEY, age int);\nCREATE TABLE addresses (id bigint PRIMARY KEY REFERENCES users (id) ON UPDATE CASCADE ON DELETE CASCADE, street text COLLATE "C", city varchar(30));\nCREATE INDEX addresses_city ON addresses (city DESC, street);',
    rows: "INSERT INTO users SELECT n, 's' || n, 20, 'c' FROM generate_series(1, 2500) n",
  },
  {
    name: 'merge of two tables', wish: ['merge-tables', 'addresses', 'users'], oneWay: 3,
    before: 'CREATE TABLE users (id bigint PRIMARY KEY, age int);\nCREATE TABLE addresses (id bigint PRIMARY KEY REFERENCES users ON DELETE CASCADE, street text COLLATE "C" NOT NULL, city varchar(30) DEFAULT \'c\');\nCREATE INDEX addresses_city ON addresses (city DESC, street);',
    wanted: 'CREATE TABLE users (id bigint PRIMARY KEY, age int, street text COLLATE "C", city varchar(30));\nCREATE INDEX users_city ON users (city DESC, street);',
    rows: "INSERT INTO users SELECT n, 20 FROM generate_series(1, 2500) n; INSERT INTO addresses SELECT id, 's' || id FROM users WHERE id % 3 > 0",
  },
];
