import { ENGINE_TITLES } from '../../model/engine-id.ts';
import type { Product } from '../../model/product.ts';

/** Major from which NOT NULL is a constraint with a name. */
const NAMED_NOT_NULL_SINCE = 18;

/** First major with virtual generated columns. Source: PostgreSQL 18 release notes. */
const VIRTUAL_SINCE = 18;

/** Bytes of a name that are kept: NAMEDATALEN - 1. Source: PostgreSQL manual, "Identifiers and Key Words". */
export const MOST_NAME_BYTES = 63;

/** Columns of a table. Source: PostgreSQL manual, "PostgreSQL Limits"; dropped ones count too, and are not counted here. */
const MOST_COLUMNS = 1600;

export const POSTGRESQL: Product = {
  id: 'postgresql',
  title: ENGINE_TITLES.postgresql,
  mostColumns: MOST_COLUMNS,
  ignoresCase: false,
  mostNameBytes: MOST_NAME_BYTES,
  // `"$user"`, which comes first, is a schema that few databases have.
  searchPath: ['public'],
  firstSchemas: ['public'],
  // The real name has a number in it.
  temporarySchema: 'pg_temp',
  schemaKey: (written) => (/^pg_temp(_\d+)?$/.test(written) ? 'pg_temp' : written),
  isFile: false,
  client: { name: 'psql', variable: /(?<![:\w\])]):(?:'(?=\w+')|"(?=\w+")|\{\?)?([A-Za-z_]\w*)['"}]?/ },
  catalog: {
    hasUserTypes: true,
    checksDefinitions: true,
    namesConstraints: true,
    namedNotNullSince: NAMED_NOT_NULL_SINCE,
    tracksDependants: true,
    keepsNullDefault: false,
    refusesSameName: true,
    hasNullableKeys: false,
    makers: ['CURRENT_USER', 'CURRENT_ROLE', 'SESSION_USER', 'postgres'],
  },
  capabilities: {
    ordersActions: true,
    replacesTriggers: true,
    buildsConcurrently: true,
    validatesLater: true,
    altersInPlace: true,
    virtualInsteadSince: VIRTUAL_SINCE,
    setsNotNullSince: 0,
    altersChecksSince: 0,
    locksRows: true,
    writesThroughViews: true,
    refusesNestedBegin: false,
    commitsInBlocks: true,
    hasPartitions: true,
  },
};
