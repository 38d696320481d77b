import { findRelation, findType } from '../../../model/lookup.ts';
import type { Schema } from '../../../model/schema.ts';
import type { TypeName } from '../../../model/type-name.ts';
import { broughtBy } from './brought.ts';

/** Types of other products that PostgreSQL has under another name. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  blob: 'bytea',
  clob: 'text',
  datetime: 'timestamptz',
  datetime2: 'timestamptz',
  datetimeoffset: 'timestamptz',
  double: 'double precision',
  longblob: 'bytea',
  longtext: 'text',
  mediumint: 'integer',
  mediumtext: 'text',
  number: 'numeric',
  nvarchar: 'varchar',
  string: 'text',
  tinyint: 'smallint',
  tinytext: 'text',
  uniqueidentifier: 'uuid',
  varchar2: 'varchar',
};

/** Why a type is surely not there: another product has it, or an extension that no migration creates. */
export function missingType(schema: Schema, type: TypeName): string | undefined {
  if (type.schema !== undefined || !/^[a-z\d_]+$/.test(type.name)) return undefined;
  const elsewhere = ELSEWHERE[type.name];
  const extension = elsewhere === undefined ? broughtBy(schema).lacksType(type.name) : undefined;
  if (elsewhere === undefined && extension === undefined) return undefined;
  if (findType(schema, type) !== undefined || findRelation(schema, { name: type.name }) !== undefined) return undefined;
  // A type of a kind that is not listed, such as a base type, may have been made.
  if (schema.others?.has(`type ${type.name}`) === true) return undefined;
  return extension === undefined
    ? `PostgreSQL has no type ${type.name}; ${elsewhere ?? ''} is what it has.`
    : `${type.name} is a type of the extension ${extension}, which no migration creates.`;
}
