import type { Column, Constraint, Relation, Trigger } from '../../model/schema.ts';
import { sameType } from '../../model/type-name.ts';
import { type Compare, definitionDifference, isSameText, listDifferences, shown } from './difference-words.ts';

/** In words, what of a table or view is not what it was. */
export function relationDifferences(compare: Compare, old: Relation, now: Relation): readonly string[] {
  const table = shown(old);
  const isView = old.kind === 'view' || old.kind === 'materialized-view';
  if (isView !== (now.kind === 'view' || now.kind === 'materialized-view') || (isView && old.kind !== now.kind))
    return [`${table} is a ${now.kind.replace('-', ' ')} instead of a ${old.kind.replace('-', ' ')}`];
  const parts = partDifferences(compare, old, now, table);
  if (isView)
    return [
      ...definitionDifference(compare, old.definition, now.definition, `${old.kind.replace('-', ' ')} ${table}`),
      ...parts,
    ];
  if (!old.columnsKnown || !now.columnsKnown) return parts;
  return [
    ...listDifferences(
      old.columns.map((column) => column.name),
      now.columns.map((column) => column.name),
      (column) => `column ${column} of ${table}`,
    ),
    ...now.columns.flatMap((column) => {
      const other = old.columns.find((candidate) => candidate.name === column.name);
      return other === undefined || other === column ? [] : columnDifferences(compare, other, column, table);
    }),
    ...(old.detailsKnown && now.detailsKnown ? tableDifferences(compare, old, now, table) : []),
    ...parts,
  ];
}

function tableDifferences(compare: Compare, old: Relation, now: Relation, table: string): readonly string[] {
  const found: string[] = [];
  for (const constraint of old.constraints) {
    const other = sameConstraint(compare, constraint, now.constraints);
    if (other === undefined && constraint.kind !== 'not-null') found.push(`${titleOf(constraint, table)} is missing`);
    if (other !== undefined && other !== constraint)
      found.push(...constraintDifferences(compare, constraint, other, table));
  }
  for (const constraint of now.constraints)
    if (constraint.kind !== 'not-null' && sameConstraint(compare, constraint, old.constraints) === undefined)
      found.push(`${titleOf(constraint, table)} is left over`);
  if (old.persistence !== now.persistence) found.push(`${table} is ${now.persistence} instead of ${old.persistence}`);
  if ((old.replicaIdentity ?? 'default') !== (now.replicaIdentity ?? 'default'))
    found.push(
      `the replica identity of ${table} is ${now.replicaIdentity ?? 'default'} instead of ${old.replicaIdentity ?? 'default'}`,
    );
  if (old.owner !== undefined && now.owner !== undefined && old.owner !== now.owner)
    found.push(`${table} belongs to ${now.owner} instead of ${old.owner}`);
  if (old.partitionOf?.parentKey !== now.partitionOf?.parentKey)
    found.push(`${table} is ${now.partitionOf === undefined ? 'no longer' : 'still'} a partition`);
  return found;
}

function partDifferences(compare: Compare, old: Relation, now: Relation, table: string): readonly string[] {
  if (!old.detailsKnown || !now.detailsKnown) return [];
  const found = [
    ...listDifferences(
      old.triggers.map((trigger) => trigger.name),
      now.triggers.map((trigger) => trigger.name),
      (trigger) => `trigger ${trigger} of ${table}`,
    ),
    ...now.triggers.flatMap((trigger) => {
      const other = old.triggers.find((candidate) => candidate.name === trigger.name);
      return other === undefined || other === trigger ? [] : triggerDifferences(compare, other, trigger, table);
    }),
    ...listDifferences(old.policies, now.policies, (policy) => `policy ${policy} of ${table}`),
    ...now.policies.flatMap((policy) =>
      definitionDifference(
        compare,
        old.policyDefinitions?.[policy],
        now.policyDefinitions?.[policy],
        `policy ${policy} of ${table}`,
      ),
    ),
    ...listDifferences(old.rules, now.rules, (rule) => `rule ${rule} of ${table}`),
    ...(now.ruleActions ?? []).flatMap((action) =>
      definitionDifference(
        compare,
        old.ruleActions?.find(({ name }) => name === action.name)?.definition,
        action.definition,
        `rule ${action.name} of ${table}`,
      ),
    ),
    ...listDifferences(old.statistics ?? [], now.statistics ?? [], (name) => `statistics ${name} of ${table}`),
  ];
  if (old.rowSecurity !== now.rowSecurity) found.push(`row security of ${table} is ${now.rowSecurity ? 'on' : 'off'}`);
  if ((old.forcedRowSecurity ?? false) !== (now.forcedRowSecurity ?? false))
    found.push(
      `row security of ${table} ${now.forcedRowSecurity === true ? 'holds' : 'no longer holds'} for its owner`,
    );
  return found;
}

function triggerDifferences(compare: Compare, old: Trigger, now: Trigger, table: string): readonly string[] {
  const name = `trigger ${now.name} of ${table}`;
  const functionOf = (trigger: Trigger): string | undefined => trigger.function?.split('.').at(-1);
  return [
    ...(functionOf(old) === functionOf(now)
      ? definitionDifference(compare, old.definition, now.definition, name)
      : [`${name} calls ${now.function ?? 'nothing'} instead of ${old.function ?? 'nothing'}`]),
    ...(old.enabled === now.enabled ? [] : [`${name} is switched ${now.enabled ? 'on' : 'off'}`]),
  ];
}

function titleOf(constraint: Constraint, table: string): string {
  const kind = constraint.kind.replace('-', ' ');
  // SQLite gives a constraint no name of its own.
  return constraint.name === ''
    ? `${kind} (${constraint.columns.join(', ')}) of ${table}`
    : `${kind} ${constraint.name} of ${table}`;
}

/** The constraint of the same kind and name, or that does the same under another. */
function sameConstraint(
  compare: Compare,
  wanted: Constraint,
  constraints: readonly Constraint[],
): Constraint | undefined {
  const same = constraints.filter(({ kind }) => kind === wanted.kind);
  return (
    same.find(({ name }) => name !== '' && name === wanted.name) ??
    same.find(
      (other) =>
        other.columns.join() === wanted.columns.join() &&
        other.references?.key === wanted.references?.key &&
        other.references?.columns.join() === wanted.references?.columns.join() &&
        isSameText(compare, other.expression?.text, wanted.expression?.text),
    )
  );
}

function constraintDifferences(compare: Compare, old: Constraint, now: Constraint, table: string): readonly string[] {
  const name = titleOf(now, table);
  const found: string[] = [];
  if (old.kind === 'check' && !isSameText(compare, old.expression?.text, now.expression?.text))
    found.push(`${name} has another condition`);
  if (old.kind !== 'check' && old.columns.join() !== now.columns.join())
    found.push(`${name} is over (${now.columns.join(', ')}) instead of (${old.columns.join(', ')})`);
  if (old.references !== undefined && now.references !== undefined) {
    if (old.references.key !== now.references.key)
      found.push(`${name} references ${now.references.name} instead of ${old.references.name}`);
    for (const [when, before, after] of [
      ['ON DELETE', old.references.onDelete, now.references.onDelete],
      ['ON UPDATE', old.references.onUpdate, now.references.onUpdate],
    ] as const)
      if (actionOf(before) !== actionOf(after))
        found.push(`${name} has ${when} ${actionOf(after)} instead of ${actionOf(before)}`);
  }
  // NOT VALID on the way back spares a scan, and holds for whatever is written.
  if (old.deferrable !== now.deferrable || old.initiallyDeferred !== now.initiallyDeferred)
    found.push(
      `${name} is ${now.initiallyDeferred ? 'initially deferred' : now.deferrable ? 'deferrable' : 'not deferrable'}`,
    );
  return found;
}

function actionOf(written: string | undefined): string {
  return (written ?? 'no-action').replace('-', ' ').toUpperCase();
}

function columnDifferences(compare: Compare, old: Column, now: Column, table: string): readonly string[] {
  const name = `${now.name} of ${table}`;
  const found: string[] = [];
  if (old.type !== undefined && now.type !== undefined && !sameType(old.type, now.type))
    found.push(`${name} is ${now.type.display} instead of ${old.type.display}`);
  if (old.notNull !== now.notNull) found.push(`${name} ${now.notNull ? 'is required' : 'may be empty'}`);
  if ((old.default === undefined) !== (now.default === undefined))
    found.push(`${name} ${now.default === undefined ? 'has lost its default' : 'has a default'}`);
  else if (!isSameText(compare, old.default?.text, now.default?.text)) found.push(`${name} has another default`);
  if (old.identity !== now.identity)
    found.push(
      `${name} is ${now.identity === undefined ? 'no identity' : `an identity ${now.identity === 'always' ? 'ALWAYS' : 'BY DEFAULT'}`}`,
    );
  if ((old.generated === undefined) !== (now.generated === undefined))
    found.push(`${name} is ${now.generated === undefined ? 'not computed' : 'computed'}`);
  else if (!isSameText(compare, old.generated?.expression.text, now.generated?.expression.text))
    found.push(`${name} is computed in another way`);
  return found;
}
