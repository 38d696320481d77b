import type { ForeignKey } from './expression.ts';
import type { SqlWriter } from './sql-writer.ts';

/** `FOREIGN KEY ("A") REFERENCES "public"."B" ("Id") ON DELETE CASCADE`. */
export function foreignKey(writer: SqlWriter, key: ForeignKey): SqlWriter {
  writer.add('FOREIGN KEY (').names(key.columns).add(') REFERENCES ').relation(key.to);
  writer.add(' (').names(key.principalColumns).add(')');
  if (key.onDelete) writer.add(` ON DELETE ${key.onDelete}`);
  if (key.onUpdate) writer.add(` ON UPDATE ${key.onUpdate}`);
  return writer;
}
