import { findRelation } from '../model/lookup.ts';
import { displayName, type ObjectName } from '../model/names.ts';
import { isTableAction, type Operation } from '../model/operation.ts';
import type { Relation } from '../model/schema.ts';
import type { AnalysedStatement } from './analyse.ts';
import { sizeWords } from './estimate.ts';

/**
 * What the statements of one half destroy that no other half brings back, as predicates: "destroys table users with its
 * rows". What could not be analysed may destroy more, and is named with its reason.
 */
export function lossesOf(statements: readonly AnalysedStatement[]): readonly string[] {
  const start = statements[0]?.before;
  const renamedTo = new Set(
    statements.flatMap(({ body }) =>
      body.operations.flatMap((operation) =>
        isTableAction(operation) && operation.action.kind === 'rename-table'
          ? operation.action.newName.toLowerCase()
          : [],
      ),
    ),
  );
  const losses = statements.flatMap((statement) =>
    statement.body.operations.flatMap((operation) => {
      const reason = unknownBecause(operation, statement);
      if (reason !== undefined) return [`may destroy more: not analysed, ${reason}`];
      const verb = 'certainty' in operation && operation.certainty === 'may' ? 'may destroy' : 'destroys';
      return lossOf(operation, statement).map((loss) => `${verb} ${loss}`);
    }),
  );
  return [...new Set(losses)];

  function lossOf(operation: Operation, { before }: AnalysedStatement): readonly string[] {
    const known = (name: ObjectName): Relation | undefined => findRelation(before, name);
    /** What the half itself has made holds nothing that was there before. */
    const isOwn = (name: ObjectName): boolean => {
      const relation = known(name);
      return (
        relation?.persistence === 'temporary' ||
        (relation !== undefined &&
          start !== undefined &&
          ![...start.relations.values()].some(({ origin }) => origin === relation.origin) &&
          findRelation(start, name) === undefined)
      );
    };
    switch (operation.kind) {
      case 'drop-table':
        return operation.objects.flatMap((name) => {
          if (isOwn(name)) return [];
          const relation = known(name);
          if (!renamedTo.has(name.name.toLowerCase()))
            return [`table ${displayName(name)} with its rows${sizeOf(relation)}`];
          // Another table takes its place: only what that one has not is gone.
          return lostColumns(relation).map((column) => `column ${column} of ${displayName(name)} with its values`);
        });
      case 'drop-schema':
        return operation.objects.map((name) => `schema ${name.name} with all that is in it`);
      case 'truncate':
        return operation.relations
          .filter(({ relation }) => !isOwn(relation))
          .map(({ relation }) => `all rows of ${displayName(relation)}${sizeOf(known(relation))}`);
      case 'delete-rows':
        return isOwn(operation.relation)
          ? []
          : [`${operation.where === undefined ? 'all rows' : 'rows'} of ${displayName(operation.relation)}`];
      case 'drop-column': {
        const { relation: name, action } = operation;
        if (action.kind !== 'drop-column' || isOwn(name)) return [];
        const first = start === undefined ? undefined : findRelation(start, name);
        const isMadeHere =
          first?.columnsKnown === true && !first.columns.some((column) => column.name === action.column);
        return isMadeHere
          ? []
          : [`column ${action.column} of ${displayName(name)} with its values${sizeOf(known(name))}`];
      }
      default:
        return [];
    }
  }

  function lostColumns(old: Relation | undefined): readonly string[] {
    const end = statements.at(-1)?.after;
    const fresh = old === undefined || end === undefined ? undefined : findRelation(end, old);
    if (old === undefined || fresh === undefined || !old.columnsKnown || !fresh.columnsKnown) return [];
    return old.columns
      .map(({ name }) => name)
      .filter((name) => !fresh.columns.some((column) => column.name.toLowerCase() === name.toLowerCase()));
  }
}

/** Why nobody can say what an operation does; undefined where it is known. */
function unknownBecause(operation: Operation, { body, source }: AnalysedStatement): string | undefined {
  if (operation.kind !== 'opaque' || source.text === '') return undefined;
  return body.problems[0]?.message.replace(/^Not analysed: /, '').replace(/\.$/, '') ?? operation.reason;
}

function sizeOf(relation: Relation | undefined): string {
  return relation?.size === undefined ? '' : ` (${sizeWords(relation.size)})`;
}
