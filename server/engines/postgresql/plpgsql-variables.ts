import type { ExpressionTree } from '../../model/expression.ts';
import type { Operation } from '../../model/operation.ts';
import type { TypeName } from '../../model/type-name.ts';

/** A variable of a block: of one type, the row of a relation, or of something that is not known before it runs. */
export type Variable =
  | {
      readonly kind: 'scalar';
      readonly type: TypeName /** Its name where it may be that of a relation. */;
      readonly path: readonly string[] | undefined;
    }
  | { readonly kind: 'row'; readonly relation: readonly string[] }
  | { readonly kind: 'unknown' };

/** A query whose output goes into variables of these types: its texts become values of them. */
export function withAssigned(operation: Operation, types: readonly (TypeName | undefined)[]): Operation {
  if (operation.kind !== 'select-rows' || operation.query.tree === undefined) return operation;
  const { tree } = operation.query;
  if (tree.targets.length !== types.length) return operation;
  const targets = tree.targets.map((target, place) => {
    const type = types[place];
    return type === undefined || target.value.kind !== 'literal'
      ? target
      : { ...target, value: cast(target.value, type) };
  });
  return { ...operation, query: { ...operation.query, tree: { ...tree, targets } } };
}

/** An expression with values of their types in the place of variables; a query of its own may have columns of the names. */
export function withVariables(operation: Operation, variables: ReadonlyMap<string, Variable>): Operation {
  if (operation.kind !== 'select-rows' || operation.query.tree === undefined) return operation;
  const { tree } = operation.query;
  if (tree.from.length > 0) return operation;
  const targets = tree.targets.map((target) => ({ ...target, value: replaced(target.value, variables) }));
  return { ...operation, query: { ...operation.query, tree: { ...tree, targets } } };
}

function replaced(tree: ExpressionTree, variables: ReadonlyMap<string, Variable>): ExpressionTree {
  const within = (inner: ExpressionTree): ExpressionTree => replaced(inner, variables);
  switch (tree.kind) {
    case 'column': {
      const type = typeOf(tree.path, variables);
      return type === undefined ? tree : cast({ kind: 'literal', value: null }, type);
    }
    case 'operator':
    case 'boolean':
    case 'call':
      return { ...tree, operands: tree.operands.map(within) };
    case 'cast':
    case 'collate':
    case 'null-test':
      return { ...tree, operands: [within(tree.operands[0])] };
    default:
      return tree;
  }
}

function typeOf(path: readonly string[], variables: ReadonlyMap<string, Variable>): TypeName | undefined {
  const [name = '', field, ...others] = path;
  const variable = variables.get(name);
  if (field === undefined) return variable?.kind === 'scalar' ? variable.type : undefined;
  const relation =
    variable?.kind === 'row' ? variable.relation : variable?.kind === 'scalar' ? variable.path : undefined;
  if (relation === undefined || others.length > 0) return undefined;
  const written = `${[...relation, field].join('.')}%TYPE`;
  return { name: written, modifiers: [], arrayDimensions: 0, display: written };
}

function cast(value: ExpressionTree, type: TypeName): ExpressionTree {
  return { kind: 'cast', type, operands: [value] };
}
