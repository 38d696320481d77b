import type { EngineId } from '../model/engine-id.ts';
import type { Product } from '../model/product.ts';
import { POSTGRESQL } from './postgresql/product.ts';
import { SQLITE } from './sqlite/product.ts';

/** What is known of each product without its parser. */
export const PRODUCTS: Readonly<Record<EngineId, Product>> = { postgresql: POSTGRESQL, sqlite: SQLITE };
