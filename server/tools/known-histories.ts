/** The table in which a tool keeps what it has applied. */
export interface KnownHistory {
  readonly title: string;
  /** As the tool names it unless it is told otherwise. */
  readonly table: string;
  /** Columns that no table of this name has by chance. */
  readonly columns: readonly string[];
}

/**
 * Histories that a database may have of another tool than the project's. Names that several tools use, or that an application
 * may have for itself (`schema_migrations`, `migrations`, `changelog`), are left out.
 *
 * Source: each tool's own, as in the file of its name here.
 */
export const KNOWN_HISTORIES: readonly KnownHistory[] = [
  { title: 'Flyway', table: 'flyway_schema_history', columns: ['installed_rank', 'version', 'success'] },
  { title: 'goose', table: 'goose_db_version', columns: ['version_id', 'is_applied'] },
  { title: 'Prisma', table: '_prisma_migrations', columns: ['migration_name', 'finished_at'] },
  { title: 'Liquibase', table: 'databasechangelog', columns: ['author', 'filename', 'md5sum'] },
  { title: 'Liquibase', table: 'DATABASECHANGELOG', columns: ['AUTHOR', 'FILENAME', 'MD5SUM'] },
  { title: 'sqlx', table: '_sqlx_migrations', columns: ['version', 'checksum'] },
  { title: 'EF Core', table: '__EFMigrationsHistory', columns: ['MigrationId', 'ProductVersion'] },
  { title: 'Diesel', table: '__diesel_schema_migrations', columns: ['version', 'run_on'] },
  { title: 'Drizzle', table: '__drizzle_migrations', columns: ['hash', 'created_at'] },
  { title: 'node-pg-migrate', table: 'pgmigrations', columns: ['name', 'run_on'] },
  { title: 'Knex', table: 'knex_migrations', columns: ['name', 'batch', 'migration_time'] },
  { title: 'Kysely', table: 'kysely_migration', columns: ['name', 'timestamp'] },
  { title: 'Sequelize', table: 'SequelizeMeta', columns: ['name'] },
  { title: 'MikroORM', table: 'mikro_orm_migrations', columns: ['name', 'executed_at'] },
  { title: 'Alembic', table: 'alembic_version', columns: ['version_num'] },
  { title: 'Django', table: 'django_migrations', columns: ['app', 'name', 'applied'] },
  { title: 'Rails', table: 'ar_internal_metadata', columns: ['key', 'value', 'created_at'] },
  { title: 'Atlas', table: 'atlas_schema_revisions', columns: ['version', 'executed_at'] },
  { title: 'sql-migrate', table: 'gorp_migrations', columns: ['id', 'applied_at'] },
  { title: 'Refinery', table: 'refinery_schema_history', columns: ['version', 'checksum'] },
  { title: 'FluentMigrator', table: 'VersionInfo', columns: ['Version', 'AppliedOn'] },
  { title: 'DbUp', table: 'schemaversions', columns: ['scriptname', 'applied'] },
  { title: 'DbUp', table: 'SchemaVersions', columns: ['ScriptName', 'Applied'] },
  { title: 'Wrangler', table: 'd1_migrations', columns: ['name', 'applied_at'] },
  { title: 'Lockstep', table: 'lockstep_history', columns: ['id', 'lockstep_version'] },
];
