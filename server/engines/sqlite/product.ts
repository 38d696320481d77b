import { ENGINE_TITLES } from '../../model/engine-id.ts';
import type { Product } from '../../model/product.ts';

/** First version with ALTER COLUMN ... SET NOT NULL, and ADD CONSTRAINT of a check. Source: SQLite 3.53 release notes. */
const ALTERS_COLUMNS_SINCE = 3053;

/** Columns of a table, as SQLite is compiled by default. Source: sqlite.org, "Implementation Limits For SQLite". */
const MOST_COLUMNS = 2000;

export const SQLITE: Product = {
  id: 'sqlite',
  title: ENGINE_TITLES.sqlite,
  mostColumns: MOST_COLUMNS,
  ignoresCase: true,
  searchPath: ['main'],
  firstSchemas: ['main', 'temp'],
  temporarySchema: 'temp',
  schemaKey: (written) => written.toLowerCase(),
  isFile: true,
  emptyUrl: ':memory:',
  client: { name: 'sqlite3' },
  catalog: {
    hasUserTypes: false,
    checksDefinitions: false,
    namesConstraints: false,
    tracksDependants: false,
    keepsNullDefault: true,
    refusesSameName: false,
    hasNullableKeys: true,
    makers: [],
  },
  capabilities: {
    ordersActions: false,
    replacesTriggers: false,
    buildsConcurrently: false,
    validatesLater: false,
    altersInPlace: false,
    setsNotNullSince: ALTERS_COLUMNS_SINCE,
    altersChecksSince: ALTERS_COLUMNS_SINCE,
    locksRows: false,
    writesThroughViews: false,
    refusesNestedBegin: true,
    commitsInBlocks: false,
    hasPartitions: false,
  },
};
