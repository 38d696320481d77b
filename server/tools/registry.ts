import { dbmate } from './dbmate.ts';
import { plain } from './plain.ts';
import { sqlPairs } from './sql-pairs.ts';
import { diesel } from './diesel.ts';
import { flyway } from './flyway.ts';
import { golangMigrate } from './golang-migrate.ts';
import { liquibase } from './liquibase.ts';
import type { Tool } from './tool.ts';

/** Every migration tool whose projects are found by themselves; of two that are equally sure of a folder, the first has it. */
export const TOOLS: readonly Tool[] = [dbmate, diesel, golangMigrate, liquibase, flyway, sqlPairs];

/** Every tool that a configuration may name. */
export const NAMED_TOOLS: readonly Tool[] = [...TOOLS, plain];
