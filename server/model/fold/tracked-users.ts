import { columnsNamed, relationsOf } from '../body-names.ts';
import { type ExpressionTree, walkWithQueries } from '../expression.ts';
import { findRelation } from '../lookup.ts';
import { objectKey } from '../names.ts';
import type { CreatePolicy, Operation } from '../operation.ts';
import type { Relation, TrackedUser } from '../schema.ts';
import type { Draft } from './draft.ts';

type User = Pick<TrackedUser, 'kind' | 'owner' | 'name'>;

/** Notes at each table which of its columns a BEGIN ATOMIC function names, in place of what was noted for it before. */
export function trackBody(draft: Draft, name: string, owner: string, body: readonly Operation[], isNew: boolean): void {
  const user: User = { kind: 'function', owner, name };
  if (!isNew) forgetUser(draft, user);
  const columns = new Map<Relation, Set<string>>();
  for (const operation of body)
    for (const written of relationsOf(operation)) {
      const relation = findRelation(draft, written);
      if (relation === undefined) continue;
      const named = columns.get(relation) ?? new Set();
      for (const column of columnsNamed(operation, draft, relation)) named.add(column);
      columns.set(relation, named);
    }
  for (const [relation, named] of columns) noteUser(draft, relation, user, named);
}

/** The same for a policy that reads other tables. */
export function trackPolicy(draft: Draft, relation: Relation, { name, using, check }: CreatePolicy): void {
  for (const tree of [using?.tree, check?.tree])
    for (const part of tree === undefined ? [] : walkWithQueries(tree)) {
      if (part.kind !== 'subquery') continue;
      const read = part.relations.flatMap((written) => findRelation(draft, written) ?? []);
      for (const other of read)
        if (other !== relation)
          noteUser(
            draft,
            other,
            { kind: 'policy', owner: objectKey(relation.schema, relation.name), name },
            columnsIn(part, other, [relation, ...read]),
          );
    }
}

/** Columns of a relation that a subquery names: without a qualifier, by its name, or by what is no other relation's name. */
function columnsIn(subquery: ExpressionTree, relation: Relation, all: readonly Relation[]): ReadonlySet<string> {
  const columns = new Set<string>();
  for (const part of walkWithQueries(subquery)) {
    const [name, qualifier] = part.kind === 'column' ? part.path.toReversed() : [];
    if (name === undefined || !relation.columns.some((column) => column.name === name)) continue;
    if (
      qualifier === undefined ||
      qualifier === relation.name ||
      (all.length === 2 && !all.some((other) => other.name === qualifier))
    )
      columns.add(name);
  }
  return columns;
}

/** Notes that something names columns of a table. */
export function noteUser(draft: Draft, relation: Relation, user: User, columns: Iterable<string>): void {
  const sorted = [...new Set(columns)].sort();
  if (sorted.length === 0) return;
  draft.changeRelation(objectKey(relation.schema, relation.name), (current) => ({
    ...current,
    trackedBy: [...(current.trackedBy ?? []).filter((other) => !isUser(other, user)), { ...user, columns: sorted }],
  }));
}

/** Takes a user out again, of all tables or of one. */
export function forgetUser(draft: Draft, user: User, only?: string): void {
  for (const [key, relation] of draft.relations.entries())
    if ((only === undefined || key === only) && relation.trackedBy?.some((other) => isUser(other, user)) === true)
      draft.putRelation({ ...relation, trackedBy: relation.trackedBy.filter((other) => !isUser(other, user)) });
}

function isUser(one: User, other: User): boolean {
  return one.kind === other.kind && one.owner === other.owner && one.name === other.name;
}

/** What stands elsewhere and names a column. */
export function usersOf({ trackedBy = [] }: Relation, column: string): readonly TrackedUser[] {
  return trackedBy.filter(({ columns }) => columns.includes(column));
}

/** Drops what stands elsewhere and names a column; a publication only loses the table. */
export function dropUsers(draft: Draft, relationKey: string, users: readonly TrackedUser[]): void {
  for (const { kind, owner, name } of users) {
    const table = draft.relations.get(owner);
    if (kind === 'policy' && table !== undefined)
      draft.putRelation({ ...table, policies: table.policies.filter((policy) => policy !== name) });
    if (kind === 'function') draft.removeFunction(owner);
    const published = kind === 'publication' ? draft.publications[name] : undefined;
    if (published !== undefined)
      draft.publications = { ...draft.publications, [name]: published.filter((key) => key !== relationKey) };
    forgetUser(draft, { kind, owner, name }, kind === 'publication' ? relationKey : undefined);
  }
}

/** For sentences. */
export function trackedUserTitle({ kind, name, owner }: TrackedUser): string {
  return kind === 'policy' ? `The policy ${name} of ${owner.split('\u0000').at(-1) ?? ''}` : `The ${kind} ${name}`;
}
