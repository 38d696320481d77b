import type { DocumentSelector } from 'vscode';

/** Files that may be migrations: SQL, and programs of EF Core, TypeORM, Knex, Kysely, MikroORM, Sequelize, Alembic and Django. What is none costs nothing. */
export const MIGRATION_FILES = [
  { scheme: 'file', language: 'sql' },
  { scheme: 'file', pattern: '**/*.sql' },
  { scheme: 'file', pattern: '**/*Migrations*/**/*.cs' },
  // TypeORM, Knex, Kysely and Sequelize.
  { scheme: 'file', pattern: '**/[0-9]*[-_]*.{ts,js,mts,cts,mjs,cjs}' },
  // MikroORM.
  { scheme: 'file', pattern: '**/Migration[0-9]*.{ts,js,mts,cts,mjs,cjs}' },
  // Alembic and Django.
  { scheme: 'file', pattern: '**/{versions,migrations}/*.py' },
] satisfies DocumentSelector;
