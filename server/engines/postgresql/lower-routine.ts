import type { CreateFunction, Operation } from '../../model/operation.ts';
import { analyseStatements, opaqueIn } from './body.ts';
import { lowerQuery } from './lower-query.ts';
import { expressionTree } from './lower-expression.ts';
import { argumentText, itemsOf, type NodeOf, nodeAs, stringsOf } from './nodes.ts';
import { analysePlpgsql } from './plpgsql.ts';
import type { RoutineShape } from './plpgsql-words.ts';
import { directRegion, type Region, stringRegion } from './region.ts';
import type { Source } from './source.ts';
import { lowerType } from './type-names.ts';

const INPUT_MODES = new Set(['FUNC_PARAM_IN', 'FUNC_PARAM_INOUT', 'FUNC_PARAM_VARIADIC', 'FUNC_PARAM_DEFAULT']);

const OUTPUT_MODES = new Set(['FUNC_PARAM_OUT', 'FUNC_PARAM_INOUT', 'FUNC_PARAM_TABLE']);

/** CREATE FUNCTION and CREATE PROCEDURE; the body is read, not run. */
export function lowerFunction(source: Source, create: NodeOf<'CreateFunctionStmt'>): CreateFunction {
  const options = (create.options ?? []).flatMap((node) => nodeAs(node, 'DefElem') ?? []);
  const text = (name: string): string | undefined => {
    const option = options.find((element) => element.defname === name);
    return option === undefined ? undefined : argumentText(option.arg);
  };
  const language = text('language') ?? 'sql';
  const volatility = text('volatility');
  const parameters = (create.parameters ?? []).flatMap((node) => nodeAs(node, 'FunctionParameter') ?? []);
  const outputs = parameters.flatMap((parameter) =>
    parameter.argType !== undefined && OUTPUT_MODES.has(parameter.mode ?? '')
      ? [{ name: parameter.name ?? '', type: lowerType(source, parameter.argType) }]
      : [],
  );
  const returns = create.returnType === undefined ? undefined : lowerType(source, create.returnType);
  const nameStart = source.skip(0, 'create', 'or', 'replace', 'function', 'procedure');
  const as = options.find((element) => element.defname === 'as');
  const names = parameters.map((parameter) => parameter.name ?? '');
  const isVoid = create.is_procedure === true || returns?.name === 'void' || returns?.name === 'event_trigger';
  const isSet =
    create.returnType?.setof === true || parameters.some((parameter) => parameter.mode === 'FUNC_PARAM_TABLE');
  const shape: RoutineShape = {
    gives: isSet ? 'rows' : isVoid ? 'nothing' : outputs.length > 0 ? 'outputs' : 'value',
    names,
  };
  return {
    kind: 'create-function',
    span: source.span,
    name: source.name(stringsOf(create.funcname), nameStart),
    procedure: create.is_procedure === true,
    orReplace: create.replace === true,
    language,
    argumentTypes: parameters.flatMap((parameter) =>
      parameter.argType !== undefined && INPUT_MODES.has(parameter.mode ?? 'FUNC_PARAM_DEFAULT')
        ? [lowerType(source, parameter.argType)]
        : [],
    ),
    argumentNames: parameters.flatMap((parameter) =>
      INPUT_MODES.has(parameter.mode ?? 'FUNC_PARAM_DEFAULT') ? [parameter.name ?? ''] : [],
    ),
    defaults: parameters.filter((parameter) => parameter.defexpr !== undefined).length,
    ...(parameters.some((parameter) => parameter.mode === 'FUNC_PARAM_VARIADIC') ? { variadic: true as const } : {}),
    ...(create.returnType?.setof === true ? { returnsSet: true as const } : {}),
    ...(outputs.length > 0 ? { hasOutputs: true as const, outputs } : {}),
    ...(returns === undefined ? {} : { returns }),
    volatility: volatility === 'immutable' || volatility === 'stable' ? volatility : 'volatile',
    returnsTrigger: returns?.name === 'trigger' || returns?.name === 'event_trigger',
    ...(text('security') === 'true' ? { securityDefiner: true as const } : {}),
    ...(options.some(
      (element) =>
        element.defname === 'set' &&
        element.arg !== undefined &&
        nodeAs(element.arg, 'VariableSetStmt')?.name === 'search_path',
    )
      ? { setsSearchPath: true as const }
      : {}),
    body: create.sql_body === undefined ? quotedBody(source, as, language, shape) : sqlBody(source, create.sql_body),
    sql: source.text.slice(source.span.start, source.span.end),
    ...(create.sql_body === undefined ? {} : { isFollowed: true as const }),
  };
}

/** DO: what its block runs, in place. */
export function lowerDo(source: Source, block: NodeOf<'DoStmt'>): readonly Operation[] {
  const options = (block.args ?? []).flatMap((node) => nodeAs(node, 'DefElem') ?? []);
  const language = options.find((element) => element.defname === 'language');
  const operations = quotedBody(
    source,
    options.find((element) => element.defname === 'as'),
    language === undefined ? 'plpgsql' : argumentText(language.arg),
    { gives: 'nothing', names: [] },
  );
  // A block that touches nothing is still a statement, of which everything is known.
  return operations.length > 0
    ? operations
    : [{ kind: 'select-rows', span: source.span, query: lowerQuery(source, undefined, source.span) }];
}

/** CALL: the procedure's body is elsewhere. */
export function lowerCall(source: Source, call: NodeOf<'CallStmt'>): readonly Operation[] {
  const parts = stringsOf(call.funccall?.funcname);
  const name = parts.join('.');
  const schema = parts.at(-2);
  return [
    {
      kind: 'call',
      span: source.span,
      relations: [],
      routine: { ...(schema === undefined ? {} : { schema }), name: parts.at(-1) ?? '' },
      ...(call.funccall === undefined ? {} : { call: expressionTree(source, { FuncCall: call.funccall }) }),
    },
    { kind: 'opaque', span: source.span, reason: `what the procedure ${name} does is not in this statement` },
  ];
}

function quotedBody(
  source: Source,
  as: NodeOf<'DefElem'> | undefined,
  language: string,
  shape: RoutineShape,
): readonly Operation[] {
  const texts = itemsOf(as?.arg);
  // Two texts are an object file and a symbol: a function in C.
  if (as === undefined || texts.length !== 1 || language === 'c' || language === 'internal') return [];
  const region = bodyRegion(source, source.skip(source.indexAt(source.at(as.location)), 'as'));
  if (region === undefined)
    return [{ kind: 'opaque', span: source.span, reason: 'the body is written with Unicode escapes' }];
  switch (language.toLowerCase()) {
    case 'sql':
      return analyseStatements(source, region);
    case 'plpgsql':
      return analysePlpgsql(source, region, shape);
    default:
      return [opaqueIn(region, `the body is written in ${language}`)];
  }
}

function bodyRegion(source: Source, index: number): Region | undefined {
  const token = source.tokens[index];
  return token === undefined ? undefined : stringRegion(source.text, token);
}

/** BEGIN ATOMIC ... END and RETURN expression. */
function sqlBody(source: Source, body: NonNullable<NodeOf<'CreateFunctionStmt'>['sql_body']>): readonly Operation[] {
  const end = source.tokens.length;
  const atomic = source.findWord(0, end, 'atomic');
  if (nodeAs(body, 'ReturnStmt') === undefined && atomic < end) {
    const span = source.spanOf(atomic + 1, end - 1);
    return analyseStatements(source, directRegion(source.text, span.start, span.end));
  }
  const span = source.spanOf(source.findWord(0, end, 'return'), end);
  return [{ kind: 'select-rows', span, query: lowerQuery(source, body, span) }];
}
