import type { FolderProject } from '../application/folder-project.ts';
import { isExpression } from '../application/is-expression.ts';
import type { FixProposal } from '../analysis/report.ts';
import type { Arguments } from './arguments.ts';
import { UsageError } from './exit-codes.ts';

/** Option of the commands that may write a step which fills rows: `--value users.status="'active'"`. */
export const VALUE_OPTION = { value: { type: 'string', multiple: true } } as const;

/**
 * The values that old rows get, SQL by `column` or `table.column`.
 *
 * Errors: throws `UsageError` for one that is not written `column=expression`, or is given twice.
 */
export function givenValues(words: Arguments): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const written of words.list('value')) {
    const [, name, sql] = /^([^=]+?)\s*=\s*([\s\S]*\S)\s*$/.exec(written) ?? [];
    if (name === undefined || sql === undefined)
      throw new UsageError(`--value takes column=expression, not "${written}": write --value "status='active'"`);
    if (values.has(name)) throw new UsageError(`--value is given twice for ${name}: leave one out`);
    values.set(name, sql);
  }
  return values;
}

/**
 * Looks at values before anything is planned with them; `asked` are the proposals without them.
 *
 * Errors: throws `UsageError` for what is no expression, or for a column that no step asks about.
 */
export function checkValues(
  values: ReadonlyMap<string, string>,
  asked: readonly Pick<FixProposal, 'values'>[],
  { engine }: Pick<FolderProject, 'engine'>,
): void {
  const names = asked.flatMap((proposal) => proposal.values.map(({ name }) => name));
  for (const [name, sql] of values) {
    if (!isExpression(engine, sql))
      throw new UsageError(
        `--value ${name} is no SQL expression: a text is written in single quotes, --value "${name}='active'"`,
      );
    if (!names.some((each) => each === name || each.endsWith(`.${name}`)))
      throw new UsageError(
        names.length === 0
          ? `--value ${name} is not needed: no step asks for a value`
          : `--value ${name} is not asked for: the steps ask for ${[...new Set(names)].join(', ')}`,
      );
  }
}
