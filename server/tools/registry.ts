import { dbmate } from './dbmate.ts';
import { dbup } from './dbup.ts';
import { drizzle } from './drizzle.ts';
import { goose } from './goose.ts';
import { mikroOrm } from './mikro-orm.ts';
import { nodePgMigrate } from './node-pg-migrate.ts';
import { prisma } from './prisma.ts';
import { rambler } from './rambler.ts';
import { sequelize } from './sequelize.ts';
import { sqlMigrate } from './sql-migrate.ts';
import { sqlx } from './sqlx.ts';
import { supabase } from './supabase.ts';
import { tern } from './tern.ts';
import { wranglerD1 } from './wrangler-d1.ts';
import { atlas } from './atlas.ts';
import { evolve } from './evolve.ts';
import { graphileMigrate } from './graphile-migrate.ts';
import { grate } from './grate.ts';
import { hasura } from './hasura.ts';
import { refinery } from './refinery.ts';
import { plain } from './plain.ts';
import { efcore } from './efcore/efcore.ts';
import { fluentmigrator } from './fluentmigrator/fluentmigrator.ts';
import { sqlPairs } from './sql-pairs.ts';
import { diesel } from './diesel.ts';
import { flyway } from './flyway.ts';
import { golangMigrate } from './golang-migrate.ts';
import { liquibase } from './liquibase.ts';
import { alembic } from './alembic.ts';
import { django } from './django.ts';
import { knex } from './knex.ts';
import { kysely } from './kysely.ts';
import { typeorm } from './typeorm.ts';
import type { Tool } from './tool.ts';

/** Every migration tool whose projects are found by themselves; of two that are equally sure of a folder, the first has it. */
export const TOOLS: readonly Tool[] = [
  dbmate,
  goose,
  sqlMigrate,
  rambler,
  tern,
  liquibase,
  prisma,
  diesel,
  drizzle,
  atlas,
  evolve,
  graphileMigrate,
  grate,
  hasura,
  refinery,
  supabase,
  wranglerD1,
  golangMigrate,
  sqlx,
  nodePgMigrate,
  flyway,
  efcore,
  fluentmigrator,
  typeorm,
  knex,
  kysely,
  sequelize,
  mikroOrm,
  alembic,
  django,
  dbup,
  sqlPairs,
];

/** Every tool that a configuration may name. */
export const NAMED_TOOLS: readonly Tool[] = [...TOOLS, plain];
