import type { Product } from '../../model/product.ts';

export const SQLITE: Product = {
  id: 'sqlite',
  title: 'SQLite',
  ignoresCase: true,
  searchPath: ['main'],
  firstSchemas: ['main', 'temp'],
  temporarySchema: 'temp',
  schemaKey: (written) => written.toLowerCase(),
  catalog: {
    hasUserTypes: false,
    checksDefinitions: false,
    namesConstraints: false,
    tracksDependants: false,
    keepsNullDefault: true,
    refusesSameName: false,
    hasNullableKeys: true,
  },
  capabilities: {
    ordersActions: false,
    replacesTriggers: false,
    buildsConcurrently: false,
    validatesLater: false,
    altersInPlace: false,
    locksRows: false,
    commitsInBlocks: false,
    hasPartitions: false,
  },
};
