import { type Kysely, sql } from 'kysely';

export const up = async (db: Kysely<any>): Promise<void> => {
  await sql`CREATE INDEX users_email ON users (email)`.execute(db);
};

export const down = async (db: Kysely<any>): Promise<void> => {
  await sql`DROP INDEX users_email`.execute(db);
};
