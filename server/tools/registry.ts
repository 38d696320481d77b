import type { Adapter } from './adapter.ts';
import { dbmate } from './dbmate.ts';
import { sqlPairs } from './sql-pairs.ts';

/** Every migration tool whose format is known. */
export const ADAPTERS: readonly Adapter[] = [dbmate, sqlPairs];
