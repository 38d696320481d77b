import type { TsqlStatement } from '../../../server/engines/sqlserver/statement.ts';

/** A statement as both readers tell it: kind, place without what closes it, and name. */
export type Told = readonly [kind: string, start: number, end: number, name: string];

/** What ScriptDom calls its kinds; whatever is not here is `other` to both. */
const KINDS: Readonly<Record<string, string>> = {
  CreateTableStatement: 'create-table',
  DropTableStatement: 'drop-table',
  TruncateTableStatement: 'truncate-table',
  CreateIndexStatement: 'create-index',
  DropIndexStatement: 'drop-index',
  AlterIndexStatement: 'alter-index',
  UpdateStatement: 'update',
  DeleteStatement: 'delete',
  InsertStatement: 'insert',
  MergeStatement: 'merge',
  SelectStatement: 'select',
  ExecuteStatement: 'execute',
  IfStatement: 'if',
  WhileStatement: 'while',
  BeginEndBlockStatement: 'block',
  TryCatchStatement: 'try',
  BeginTransactionStatement: 'transaction',
  CommitTransactionStatement: 'transaction',
  RollbackTransactionStatement: 'transaction',
  SaveTransactionStatement: 'transaction',
  DeclareVariableStatement: 'variable',
  DeclareTableVariableStatement: 'variable',
  SetVariableStatement: 'variable',
};

function kindOf(name: string): string {
  if (/^AlterTable/.test(name)) return 'alter-table';
  if (/^(?:Create|CreateOrAlter|Alter)(?:Procedure|Function|View|Trigger)Statement$/.test(name)) return 'module';
  return KINDS[name] ?? 'other';
}

function place(start: number, end: number, text: string): readonly [number, number] {
  return [start, start + text.slice(start, end).replace(/[\s;]+$/, '').length];
}

/** A statement of ScriptDom's. */
export function theirs([name, start, end, object]: Told, text: string): Told {
  const kind = kindOf(name);
  const procedure = object.slice(object.lastIndexOf('.') + 1).toLowerCase();
  const at = place(start, end, text);
  if (kind !== 'execute') return [kind, ...at, object];
  if (procedure === '' || procedure === 'sp_executesql') return ['dynamic', ...at, ''];
  return procedure === 'sp_rename' ? ['rename', ...at, ''] : [kind, ...at, object];
}

/** Ours, those of blocks behind the block. */
export function ours(statements: readonly TsqlStatement[], text: string): readonly Told[] {
  return statements.flatMap((statement): readonly Told[] => {
    const own: Told = [
      shownKind(statement),
      ...place(statement.span.start, statement.span.end, text),
      nameOf(statement),
    ];
    // What runs a text is one statement to ScriptDom.
    return 'body' in statement && statement.kind !== 'text' ? [own, ...ours(statement.body, text)] : [own];
  });
}

function shownKind(statement: TsqlStatement): string {
  const { kind } = statement;
  // One that is cut off before the new name.
  if (kind === 'execute' && statement.name?.parts.at(-1)?.toLowerCase() === 'sp_rename') return 'rename';
  return kind === 'session' ? 'other' : kind === 'text' ? 'dynamic' : kind;
}

function nameOf(statement: TsqlStatement): string {
  switch (statement.kind) {
    case 'create-index':
    case 'drop-index':
    case 'alter-index':
      return `${statement.name.parts.join('.')} on ${statement.table?.parts.join('.') ?? ''}`;
    // The object, and not the procedure.
    case 'rename':
      return '';
    case 'execute':
      return shownKind(statement) === 'rename' ? '' : (statement.name?.parts.join('.') ?? '');
    default:
      return 'name' in statement && statement.name !== undefined ? statement.name.parts.join('.') : '';
  }
}
