import type { PlanContext } from '../plan.ts';

/** Where the first statement keeps what the second one runs, until the transaction ends. */
const SETTING = 'lockstep.carried';

/** Tables of which one takes the other's name and place. SQL, already quoted. */
export interface Carried {
  /** The table whose owner, rights and comments are read, under the name that the other table will have. */
  readonly from: string;
  /** The table that takes the name, as it is called until then. */
  readonly to: string;
  /** What the first table is called afterwards; its rights are taken back, so that the new one's alone decide. */
  readonly left?: string;
  /** Tables that get the storage parameters too. */
  readonly parts: readonly string[];
  /** An identity's sequence, which the new table has under the same name. */
  readonly sequence?: string;
}

/**
 * Statements that give a table the owner, privileges, comments and storage parameters of the one whose name it takes,
 * whatever they are on that database: `keep` stands before the names change, `give` behind it.
 */
export function carryRights(
  context: PlanContext,
  { from, to, left, parts, sequence }: Carried,
): { readonly keep: string; readonly give: string } {
  const text = (sql: string): string => context.engine.quoteText(sql);
  const oid = (sql: string): string => `${text(sql)}::regclass`;
  const list = (tables: readonly string[]): string => `unnest(ARRAY[${tables.map(text).join(', ')}]) AS each`;
  const revoke = (target: string, whose: string): string =>
    `SELECT 2, 0, format('REVOKE ALL ON TABLE %s FROM %s;', ${text(target)}, who) FROM rights WHERE oid = ${oid(whose)} AND NOT is_owner`;
  const rows = [
    `SELECT 1, 0, format('ALTER TABLE %s OWNER TO %I;', each, pg_get_userbyid(relowner)) FROM pg_class, ${list([from, ...parts])} WHERE oid = ${oid(from)}`,
    revoke(from, to),
    ...(left === undefined ? [] : [revoke(left, from)]),
    `SELECT 3, number, format('GRANT %s%s ON TABLE %s TO %s%s;', privilege_type, of_column, ${text(from)}, who, options) FROM rights WHERE oid = ${oid(from)}`,
    ...(sequence === undefined
      ? []
      : [
          `SELECT 3, number, format('GRANT %s ON SEQUENCE %s TO %s%s;', privilege_type, ${text(sequence)}, who, options) FROM rights WHERE oid = ${oid(sequence)}`,
        ]),
    `SELECT 4, 0, format('COMMENT ON TABLE %s IS %L;', ${text(from)}, obj_description(${oid(from)}, 'pg_class'))`,
    `SELECT 4, 0, format('COMMENT ON INDEX %s IS %L;', indexrelid::regclass, obj_description(indexrelid, 'pg_class')) FROM pg_index WHERE indrelid = ${oid(from)} AND obj_description(indexrelid, 'pg_class') IS NOT NULL`,
    `SELECT 4, 0, format('COMMENT ON CONSTRAINT %I ON %s IS %L;', conname, ${text(from)}, obj_description(oid, 'pg_constraint')) FROM pg_constraint WHERE conrelid = ${oid(from)} AND obj_description(oid, 'pg_constraint') IS NOT NULL`,
    `SELECT 4, 0, format('COMMENT ON TRIGGER %I ON %s IS %L;', tgname, ${text(from)}, obj_description(oid, 'pg_trigger')) FROM pg_trigger WHERE tgrelid = ${oid(from)} AND obj_description(oid, 'pg_trigger') IS NOT NULL`,
    `SELECT 5, 0, format('ALTER TABLE %s ALTER COLUMN %I SET STATISTICS %s;', each, attname, attstattarget) FROM pg_attribute, ${list([from, ...parts])} WHERE attrelid = ${oid(from)} AND attnum > 0 AND NOT attisdropped AND attstattarget >= 0`,
    `SELECT 5, 0, format('ALTER TABLE %s ALTER COLUMN %I SET (%s);', each, attname, array_to_string(attoptions, ', ')) FROM pg_attribute, ${list([from, ...parts])} WHERE attrelid = ${oid(from)} AND attoptions IS NOT NULL AND NOT attisdropped`,
    ...(parts.length === 0
      ? []
      : [
          `SELECT 5, 0, format('ALTER TABLE %s SET (%s);', each, array_to_string(reloptions, ', ')) FROM pg_class, ${list(parts)} WHERE oid = ${oid(from)} AND reloptions IS NOT NULL`,
        ]),
  ];
  return {
    keep: [
      `SELECT set_config('${SETTING}', (`,
      '  WITH rights AS (',
      "    SELECT oid, of_column, number, privilege_type, grantee = relowner AS is_owner, CASE grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END AS who, CASE WHEN is_grantable THEN ' WITH GRANT OPTION' ELSE '' END AS options",
      '    FROM (',
      "      SELECT oid, relowner, '' AS of_column, relacl AS list FROM pg_class",
      "      UNION ALL SELECT attrelid, 0, format(' (%I)', attname), attacl FROM pg_attribute WHERE NOT attisdropped",
      '    ) AS holder, aclexplode(list) WITH ORDINALITY AS acl(grantor, grantee, privilege_type, is_grantable, number)',
      `    WHERE oid IN (${[from, to, ...(sequence === undefined ? [] : [sequence])].map(oid).join(', ')})`,
      '  )',
      "  SELECT string_agg(line, E'\\n' ORDER BY place, number) FROM (",
      `    ${rows.join('\n    UNION ALL ')}`,
      '  ) AS carried(place, number, line)',
      '), true);',
    ].join('\n'),
    give: `-- lockstep: allow not-analysed because it gives the table the owner, privileges, comments and storage parameters of the one whose name it has\nDO $lockstep$ BEGIN EXECUTE current_setting('${SETTING}'); END $lockstep$;`,
  };
}
