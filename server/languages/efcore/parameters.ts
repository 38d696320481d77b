import type { Argument, Call, Value } from '../csharp/call.ts';

/**
 * Parameters of each operation in their order, for arguments without a name. Alternatives for overloads (`column`,
 * `columns`) are parted by `|`; the first is how the value is asked for.
 *
 * Source: dotnet/efcore, src/EFCore.Relational/Migrations/MigrationBuilder.cs of EF Core 8 to 10.
 */
const PARAMETERS: Readonly<Record<string, string>> = {
  AddColumn:
    'name table type unicode maxLength rowVersion schema nullable defaultValue defaultValueSql computedColumnSql fixedLength comment collation precision scale stored',
  AddForeignKey:
    'name table columns|column principalTable schema principalSchema principalColumns|principalColumn onUpdate onDelete',
  AddPrimaryKey: 'name table columns|column schema',
  AddUniqueConstraint: 'name table columns|column schema',
  AddCheckConstraint: 'name table sql schema',
  CreateCheckConstraint: 'name table sql schema',
  AlterColumn:
    'name table type unicode maxLength rowVersion schema nullable defaultValue defaultValueSql computedColumnSql oldClrType oldType oldUnicode oldMaxLength oldRowVersion oldNullable oldDefaultValue oldDefaultValueSql oldComputedColumnSql fixedLength oldFixedLength comment oldComment collation oldCollation precision oldPrecision scale oldScale stored oldStored',
  AlterDatabase: 'collation oldCollation',
  AlterSequence: 'name schema incrementBy minValue maxValue cyclic oldIncrementBy oldMinValue oldMaxValue oldCyclic',
  AlterTable: 'name schema comment oldComment',
  CreateIndex: 'name table columns|column schema unique filter descending',
  EnsureSchema: 'name',
  CreateSequence: 'name schema startValue incrementBy minValue maxValue cyclic',
  CreateTable: 'name columns schema constraints comment',
  DropColumn: 'name table schema',
  DropForeignKey: 'name table schema',
  DropIndex: 'name table schema',
  DropPrimaryKey: 'name table schema',
  DropSchema: 'name',
  DropCheckConstraint: 'name table schema',
  DropSequence: 'name schema',
  DropTable: 'name schema',
  DropUniqueConstraint: 'name table schema',
  RenameColumn: 'name table newName schema',
  RenameIndex: 'name newName table schema',
  RenameSequence: 'name schema newName newSchema',
  RenameTable: 'name schema newName newSchema',
  RestartSequence: 'name startValue schema',
  Sql: 'sql suppressTransaction',
  InsertData: 'table columns|column values|value schema',
  DeleteData: 'table keyColumns|keyColumn keyValues|keyValue schema',
  UpdateData: 'table keyColumns|keyColumn keyValues|keyValue columns|column values|value schema',
  'InsertData with types': 'table columns|column columnTypes|columnType values|value schema',
  'DeleteData with types': 'table keyColumns|keyColumn keyColumnTypes|keyColumnType keyValues|keyValue schema',
  'UpdateData with types':
    'table keyColumns|keyColumn keyColumnTypes|keyColumnType keyValues|keyValue columns|column columnTypes|columnType values|value schema',
  // Of the builders in CreateTable.
  Column:
    'type unicode maxLength rowVersion name nullable defaultValue defaultValueSql computedColumnSql fixedLength comment collation precision scale stored',
  PrimaryKey: 'name columns',
  UniqueConstraint: 'name columns',
  ForeignKey: 'name columns|column principalTable principalColumns|principalColumn principalSchema onUpdate onDelete',
  CheckConstraint: 'name sql',
  Annotation: 'name value',
};

/** Operations of the builder that EF Core itself has. */
export function isOperation(method: string): boolean {
  return PARAMETERS[method] !== undefined && !BUILDERS.has(method) && !method.includes(' ');
}

const BUILDERS: ReadonlySet<string> = new Set([
  'Column',
  'PrimaryKey',
  'UniqueConstraint',
  'ForeignKey',
  'CheckConstraint',
  'Annotation',
]);

/** Arguments of a call by the name of their parameter. */
export class BoundArguments {
  readonly #values = new Map<string, Argument>();

  /** `ignored` are parameters that a provider pays no heed to. */
  constructor(call: Pick<Call, 'method' | 'arguments'>, ignored: readonly string[] = []) {
    const names = (PARAMETERS[namesTypes(call) ? `${call.method} with types` : call.method] ?? '')
      .split(' ')
      .map((entry) => entry.split('|'));
    for (const [index, argument] of call.arguments.entries()) {
      const own = argument.name;
      const name = own === undefined ? names[index]?.[0] : (names.find((entry) => entry.includes(own))?.[0] ?? own);
      if (name !== undefined && !ignored.includes(name)) this.#values.set(name, argument);
    }
  }

  /** The value of a parameter; undefined where it is omitted or `null`. */
  get(name: string): Value | undefined {
    const value = this.#values.get(name)?.value;
    return value === undefined || value.kind === 'null' ? undefined : value;
  }

  /** Whether the call names the parameter at all, as `null` too. */
  has(name: string): boolean {
    return this.#values.has(name);
  }

  /** A switch that is off where it is omitted; `unknown` where its value cannot be read. */
  isTrue(name: string): boolean | 'unknown' {
    const value = this.get(name);
    if (value === undefined) return false;
    return value.kind === 'boolean' ? value.value : 'unknown';
  }
}

/** Whether a call of a data method without names is of the overload that names the types of the columns. */
function namesTypes({ method, arguments: given }: Pick<Call, 'method' | 'arguments'>): boolean {
  if (given.some(({ name }) => /Types?$/.test(name ?? ''))) return true;
  const byPlace = given.filter(({ name }) => name === undefined).length;
  if (method === 'UpdateData') return byPlace > 6;
  if (method !== 'InsertData' && method !== 'DeleteData') return false;
  const [, , third, fourth] = given;
  if (byPlace > 4) return true;
  // With four, the last is the schema, a name, unless it can only be values.
  return third?.name === undefined && fourth !== undefined && fourth.name === undefined && !isName(fourth.value);
}

function isName({ kind }: Value): boolean {
  return kind === 'text' || kind === 'null' || kind === 'unknown' || kind === 'member';
}

/** Annotations that are chained to a call, by name: those that it sets, or by `OldAnnotation` those that were set before. */
export function annotationsOf(
  call: Call,
  method: 'Annotation' | 'OldAnnotation' = 'Annotation',
): ReadonlyMap<string, Value> {
  const found = new Map<string, Value>();
  for (const chained of call.chained) {
    if (chained.method !== method) continue;
    const bound = new BoundArguments({ ...chained, method: 'Annotation' });
    const name = bound.get('name');
    const value = bound.get('value');
    if (name?.kind === 'text' && value !== undefined) found.set(name.text.text, value);
  }
  return found;
}
