import type { Remark } from '../../language.ts';
import { BoundArguments } from '../parameters.ts';
import { textOf } from '../sqlite-rebuild-plan.ts';
import { callsIn, type Check } from './check.ts';
import { sharesWord } from './names.ts';

/**
 * A column that goes and one of another type that comes under a name of the same words: the differ takes a rename for these
 * two as soon as anything else of the column changed with its name. Of one type, the rule over the SQL tells it.
 *
 * Source: dotnet/efcore, MigrationsModelDiffer.Diff of columns.
 */
export const droppedAndAdded: Check = ({ migration, document }) => {
  const calls = callsIn(migration.up);
  const added = calls.filter(({ method }) => method === 'AddColumn').map((call) => new BoundArguments(call));
  const back = callsIn(migration.down).filter(({ method }) => method === 'AddColumn');
  const hasSql = calls.some(({ method }) => method === 'Sql' || method === 'UpdateData');
  return calls.flatMap((call): readonly Remark[] => {
    if (call.method !== 'DropColumn' || hasSql) return [];
    const bound = new BoundArguments(call);
    const [name, table] = [textOf(bound.get('name')), textOf(bound.get('table'))];
    const place = bound.get('name')?.span;
    if (name === undefined || table === undefined || place === undefined) return [];
    const came = added.filter(
      (other) => textOf(other.get('table')) === table && sharesWord(name, textOf(other.get('name')) ?? ''),
    );
    const [match] = came;
    const newName = textOf(match?.get('name'));
    if (match === undefined || newName === undefined || newName === name || came.length > 1) return [];
    // What it was stands in Down; where that does not say it, nothing is known of the type.
    const before = back
      .map((other) => new BoundArguments(other))
      .find((other) => textOf(other.get('name')) === name && textOf(other.get('table')) === table);
    const [oldType, newType] = [textOf(before?.get('type')), textOf(match.get('type'))];
    if (oldType === undefined || newType === undefined) return [];
    if (document.product === undefined && oldType === newType) return [];
    return [
      {
        code: 'column-replaced',
        span: place,
        from: call.span,
        message: `"${name}" of ${table} goes and "${newName}" comes: if this is a rename, the values of "${name}" are lost, since EF Core takes it for two changes where the type changed too. Copy them first, and drop "${name}" when nobody uses it.`,
      },
    ];
  });
};
