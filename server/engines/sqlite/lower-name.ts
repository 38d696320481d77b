import type { Name, QualifiedName } from 'sqlite3-parser';
import type { ObjectName } from '../../model/names.ts';
import { nodeSpan } from './syntax.ts';

/** Name of a table, index, view or trigger, as written. */
export function lowerName(name: QualifiedName): ObjectName {
  const last = nodeSpan(name.objName);
  if (name.dbName === undefined) return { name: name.objName.text, span: last };
  return {
    schema: name.dbName.text,
    name: name.objName.text,
    span: { start: nodeSpan(name.dbName).start, end: last.end },
  };
}

/** Name that can have no database in front, as written. */
export function lowerPlainName(name: Name): ObjectName {
  return { name: name.text, span: nodeSpan(name) };
}
