import { BoundArguments } from '../parameters.ts';
import { textOf } from '../sqlite-rebuild-plan.ts';
import type { Remark } from '../../language.ts';
import { callsIn, type Check } from './check.ts';
import { isAlike } from './names.ts';

/**
 * A rename between two names that have nothing in common: the differ takes any dropped and added column of the same shape
 * for one.
 *
 * Source: dotnet/efcore, MigrationsModelDiffer.Diff of columns.
 */
export const guessedRename: Check = ({ migration }) =>
  callsIn(migration.up).flatMap((call): readonly Remark[] => {
    if (call.method !== 'RenameColumn') return [];
    const bound = new BoundArguments(call);
    const [from, to] = [textOf(bound.get('name')), textOf(bound.get('newName'))];
    const place = bound.get('newName')?.span;
    if (from === undefined || to === undefined || place === undefined || isAlike(from, to)) return [];
    return [
      {
        code: 'guessed-rename',
        span: place,
        from: call.span,
        message: `"${from}" and "${to}" have no word in common: EF Core takes a column that went and one of the same shape that came for a rename, and every value of "${from}" is then a "${to}". If they are two things, write AddColumn, and DropColumn later.`,
      },
    ];
  });
