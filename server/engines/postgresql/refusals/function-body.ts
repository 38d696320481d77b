import type { CreateFunction } from '../../../model/operation.ts';
import type { Schema } from '../../../model/schema.ts';
import type { Refusal } from '../../engine.ts';
import { named, type Seen, type SeenColumn } from '../types/analysis.ts';
import { isAssignable } from '../types/assignable.ts';
import { analysis, NOTHING, queryColumns } from '../types/query-columns.ts';
import { lackedColumn } from './values.ts';
import { valueType } from '../types/value-type.ts';

/**
 * What is wrong with the body of a function, which the server reads when it is made: names and types of one of SQL, and
 * words of PL/pgSQL.
 *
 * Source: PostgreSQL manual, "Client Connection Defaults", check_function_bodies.
 */
export function refusedBody(operation: CreateFunction, schema: Schema, version: number): Refusal | undefined {
  const { body, span, name } = operation;
  const checked = schema.session.variables['check_function_bodies'];
  if (operation.isFollowed !== true && checked !== undefined && !/^(?:on|true|yes|1)$/i.test(checked)) return undefined;
  const unread = body.find(({ neverTaken }) => neverTaken !== undefined)?.neverTaken;
  if (unread !== undefined) return { span, message: unread };
  // With another search path names stand for something else.
  if (operation.language.toLowerCase() !== 'sql' || operation.setsSearchPath === true) return undefined;
  if (operation.returns?.name === 'trigger' || operation.returns?.name === 'event_trigger')
    return {
      span,
      message: 'A function of a trigger is in a language such as PL/pgSQL: one of SQL cannot be called for it.',
    };
  if (body.length === 0 && operation.returns !== undefined && operation.returns.name !== 'void' && !operation.procedure)
    return { span, message: `${name.name} gives ${operation.returns.display}, and its body has no query for it.` };
  const outer = seenArguments(operation, schema);
  let columns: readonly SeenColumn[] | undefined;
  for (const each of body) {
    columns = undefined;
    const lacking = each.kind === 'insert-rows' || each.kind === 'update-rows' ? lackedColumn(each, schema) : undefined;
    if (lacking !== undefined) return { span, message: `The body of ${name.name} is read when it is made: ${lacking}` };
    if (!('query' in each) || each.query?.tree === undefined) continue;
    const context = analysis(schema, version);
    const given = queryColumns(context, each.query.tree, outer);
    if (context.problem !== undefined)
      return { span, message: `The body of ${name.name} is read when it is made: ${context.problem}` };
    if (each.kind === 'select-rows') columns = given;
  }
  const why = columns === undefined ? undefined : wrongResult(operation, columns, schema);
  return why === undefined ? undefined : { span, message: why };
}

/** Arguments by their names, and by the function's name in front of them. */
function seenArguments({ name, argumentNames = [], argumentTypes }: CreateFunction, schema: Schema): Seen {
  const columns = argumentNames.flatMap((each, place) =>
    each === '' ? [] : [{ name: each, type: valueType(schema, argumentTypes[place]) }],
  );
  return { ...NOTHING, items: [{ alias: name.name, columns, areArguments: true }] };
}

/** What the last query gives, where the function gives something else. */
function wrongResult(
  { name, returns, outputs = [], hasOutputs }: CreateFunction,
  columns: readonly SeenColumn[],
  schema: Schema,
): string | undefined {
  const wanted = (hasOutputs === true ? outputs.map(({ type }) => type) : [returns]).map((type) =>
    valueType(schema, type),
  );
  // One of a row's type, or of any.
  if (wanted.length === 1 && wanted[0] === undefined) return undefined;
  if (wanted.length !== columns.length)
    return columns.length === 1 && hasOutputs === true
      ? undefined
      : `${name.name} gives ${wanted.length === 1 ? 'one value' : `${wanted.length} values`}, and its last query has ${columns.length} columns.`;
  for (const [place, { type }] of columns.entries()) {
    const to = wanted[place];
    if (type !== undefined && to !== undefined && isAssignable(type, to) === false)
      return `${name.name} gives ${named(to)}, and its last query ${named(type)}, which does not become that without a cast.`;
  }
  return undefined;
}
