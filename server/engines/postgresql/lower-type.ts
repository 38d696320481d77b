import type { ObjectName } from '../../model/names.ts';
import type { AlterType, CreateType, Operation } from '../../model/operation.ts';
import { lowerColumn } from './lower-column.ts';
import { lowerConstraint } from './lower-constraint.ts';
import { createdName, lowerExpression } from './lower-expression.ts';
import { type NodeOf, nodeAs, stringsOf } from './nodes.ts';
import type { Source } from './source.ts';
import { lowerType } from './type-names.ts';

/** One action of ALTER TYPE on a composite type, which has ALTER TABLE's grammar. */
export function lowerTypeAttribute(
  source: Source,
  name: ObjectName,
  command: NodeOf<'AlterTableCmd'>,
  start: number,
  end: number,
): Operation {
  const column = nodeAs(command.def, 'ColumnDef');
  const type = column?.typeName === undefined ? undefined : lowerType(source, column.typeName);
  const kind =
    command.subtype === 'AT_AddColumn'
      ? 'add-attribute'
      : command.subtype === 'AT_DropColumn'
        ? 'drop-attribute'
        : 'alter-attribute';
  return {
    kind: 'alter-type-definition',
    span: source.spanOf(start, end),
    name,
    action: {
      kind,
      attribute: column?.colname ?? command.name ?? '',
      ...(type === undefined ? {} : { type }),
      cascade: command.behavior === 'DROP_CASCADE',
    },
  };
}

/** CREATE TYPE ... AS (...), which is a table in all but name. */
export function lowerCompositeType(source: Source, type: NodeOf<'CompositeTypeStmt'>): CreateType {
  const name: ObjectName =
    type.typevar === undefined ? { name: '', span: source.span } : createdName(source, type.typevar);
  const open = source.find(
    source.indexAt(name.span.end),
    source.tokens.length,
    (token) => token.kind === 'symbol' && token.value === '(',
  );
  const items = source.items(open + 1, source.closing(open));
  const columns = (type.coldeflist ?? []).flatMap((node, index) => {
    const column = nodeAs(node, 'ColumnDef');
    const [from, to] = items[index] ?? [open, open];
    return column === undefined ? [] : [lowerColumn(source, column, from, to)];
  });
  return { kind: 'create-type', span: source.span, name, definition: { kind: 'composite', columns } };
}

/** CREATE DOMAIN. */
export function lowerDomain(source: Source, domain: NodeOf<'CreateDomainStmt'>): Operation {
  if (domain.typeName === undefined) return { kind: 'opaque', span: source.span, reason: 'the domain has no type' };
  const name = source.name(stringsOf(domain.domainname), 2);
  const parts = (domain.constraints ?? []).flatMap((node) => nodeAs(node, 'Constraint') ?? []);
  const starts = parts.map((part) => source.indexAt(source.at(part.location)));
  const end = source.tokens.length;
  const collation = stringsOf(domain.collClause?.collname).join('.');
  const defaultIndex = parts.findIndex((part) => part.contype === 'CONSTR_DEFAULT');
  const defaultNode = parts[defaultIndex]?.raw_expr;
  const defaultStart = starts[defaultIndex] ?? 0;
  const constraints = parts.flatMap((part, index) => {
    const start = starts[index] ?? end;
    if (part.contype === 'CONSTR_NOTNULL') return [];
    return lowerConstraint(source, part, start, starts[index + 1] ?? end) ?? [];
  });
  return {
    kind: 'create-type',
    span: source.span,
    name,
    definition: {
      kind: 'domain',
      base: lowerType(source, domain.typeName),
      notNull: parts.some((part) => part.contype === 'CONSTR_NOTNULL'),
      constraints,
      ...(defaultNode === undefined
        ? {}
        : { default: lowerExpression(source, defaultNode, defaultStart + 1, starts[defaultIndex + 1] ?? end) }),
      ...(collation === '' ? {} : { collation }),
    },
  };
}

/** ALTER DOMAIN but for names, owners and schemas. */
export function lowerAlterDomain(source: Source, alter: NodeOf<'AlterDomainStmt'>): Operation {
  const name = source.name(stringsOf(alter.typeName), 2);
  const from = source.nameEnd(2);
  const constraint = nodeAs(alter.def, 'Constraint');
  const cascade = alter.behavior === 'DROP_CASCADE';
  const action = ((): AlterType['action'] | undefined => {
    switch (alter.subtype) {
      case 'T':
      case 'AD_AlterDefault':
        return alter.def === undefined
          ? { kind: 'domain-drop-default' }
          : {
              kind: 'domain-set-default',
              default: lowerExpression(source, alter.def, source.skip(from, 'set', 'default'), source.tokens.length),
            };
      case 'N':
        return { kind: 'domain-drop-not-null' };
      case 'O':
        return { kind: 'domain-set-not-null' };
      case 'C': {
        const lowered =
          constraint === undefined
            ? undefined
            : lowerConstraint(source, constraint, source.skip(from, 'add'), source.tokens.length);
        return lowered === undefined ? undefined : { kind: 'domain-add-constraint', constraint: lowered };
      }
      case 'X':
        return {
          kind: 'domain-drop-constraint',
          constraint: alter.name ?? '',
          ifExists: alter.missing_ok === true,
          cascade,
        };
      case 'V':
        return { kind: 'domain-validate-constraint', constraint: alter.name ?? '' };
      default:
        return undefined;
    }
  })();
  return action === undefined
    ? { kind: 'opaque', span: source.span, reason: 'this form of ALTER DOMAIN is not known' }
    : { kind: 'alter-type-definition', span: source.span, name, action };
}

/** ALTER TYPE ... ADD VALUE and RENAME VALUE. */
export function lowerAlterEnum(source: Source, alter: NodeOf<'AlterEnumStmt'>): AlterType {
  const name = source.name(stringsOf(alter.typeName), 2);
  const value = alter.newVal ?? '';
  if (alter.oldVal !== undefined)
    return {
      kind: 'alter-type-definition',
      span: source.span,
      name,
      action: { kind: 'rename-value', value: alter.oldVal, newValue: value },
    };
  const neighbour = alter.newValNeighbor;
  return {
    kind: 'alter-type-definition',
    span: source.span,
    name,
    action: {
      kind: 'add-value',
      value,
      ifNotExists: alter.skipIfNewValExists === true,
      ...(neighbour === undefined ? {} : alter.newValIsAfter === true ? { after: neighbour } : { before: neighbour }),
    },
  };
}
