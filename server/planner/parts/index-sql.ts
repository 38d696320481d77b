import type { IndexElement } from '../../model/operation.ts';
import type { Index } from '../../model/schema.ts';
import type { PlanContext } from '../plan.ts';

/** `CREATE [UNIQUE] INDEX CONCURRENTLY name ON table ...` of an index of PostgreSQL as the schema knows it, without semicolon. */
export function createIndexSql(
  context: PlanContext,
  index: Index,
  name: string,
  tableSql: string,
  options: { readonly concurrently: boolean; readonly only?: boolean },
): string {
  const { quoteName } = context.engine;
  const words = `CREATE ${index.unique ? 'UNIQUE ' : ''}INDEX ${options.concurrently ? 'CONCURRENTLY ' : ''}${quoteName(name)} ON ${options.only === true ? 'ONLY ' : ''}${tableSql}`;
  const include = index.include.length === 0 ? '' : ` INCLUDE (${index.include.map(quoteName).join(', ')})`;
  const nulls = index.nullsNotDistinct ? ' NULLS NOT DISTINCT' : '';
  const storage = storageSql(context, index.storageParameters);
  const tablespace = index.tablespace === undefined ? '' : ` TABLESPACE ${quoteName(index.tablespace)}`;
  const where = index.where === undefined ? '' : ` WHERE ${index.where.text}`;
  return `${words} USING ${quoteName(index.method)} (${index.elements.map((element) => elementSql(quoteName, element)).join(', ')})${include}${nulls}${storage}${tablespace}${where}`;
}

/** ` WITH (fillfactor = 70)`, or nothing. */
export function storageSql({ engine }: PlanContext, parameters: Readonly<Record<string, string>> | undefined): string {
  const words = Object.entries(parameters ?? {}).map(
    ([name, value]) => `${name} = ${/^[\w.+-]+$/.test(value) ? value : engine.quoteText(value)}`,
  );
  return words.length === 0 ? '' : ` WITH (${words.join(', ')})`;
}

function elementSql(quoteName: (name: string) => string, element: IndexElement): string {
  const what = element.column !== undefined ? quoteName(element.column) : `(${element.expression?.text ?? ''})`;
  const qualified = (name: string): string => name.split('.').map(quoteName).join('.');
  const collation = element.collation === undefined ? '' : ` COLLATE ${qualified(element.collation)}`;
  const operatorClass = element.operatorClass === undefined ? '' : ` ${qualified(element.operatorClass)}`;
  const order = element.descending === true ? ' DESC' : '';
  const nulls = element.nullsFirst === undefined ? '' : ` NULLS ${element.nullsFirst ? 'FIRST' : 'LAST'}`;
  return `${what}${collation}${operatorClass}${order}${nulls}`;
}
