import { changingSeed } from './changing-seed.ts';
import { migrateAtStartUp } from './migrate-at-start-up.ts';
import { passwordInSource } from './password-in-source.ts';
import type { SourceCheck } from './source-check.ts';

/** All that is said of an EF Core program beside its migrations; each is documented by the rule of its code. */
export const SOURCE_CHECKS: readonly SourceCheck[] = [changingSeed, migrateAtStartUp, passwordInSource];
