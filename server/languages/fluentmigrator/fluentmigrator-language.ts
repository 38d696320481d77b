import type { Span } from '../../core/span.ts';
import { calledLanguage } from '../efcore/efcore-language.ts';
import type { Language } from '../language.ts';
import { fluentDocumentOf } from './document-texts.ts';
import type { GeneratorSettings } from './generated.ts';
import { lowerHalf, lowerReversed } from './lower.ts';

/** The turn of a way back that no text says: that of a migration which is reversed by itself. */
export const REVERSED_TURN = 1;

/** Migrations of FluentMigrator in C#: each chain is the SQL that its generator makes of it. */
export function fluentMigratorLanguage(settings: GeneratorSettings): Language {
  return {
    ...calledLanguage(executeSql),
    id: 'fluentmigrator',
    title: 'FluentMigrator (C#)',
    split: (engine, text, within, _previous, turn = 0) =>
      fluentDocumentOf(text)
        .migrations.flatMap(({ up, down, isReversedByItself }) => {
          if (turn === 0)
            return [...up, ...down]
              .filter(({ bodySpan }) => isIn(within, bodySpan))
              .map((half) => lowerHalf(half, engine, settings));
          return isReversedByItself
            ? up.filter(({ bodySpan }) => isIn(within, bodySpan)).map((half) => lowerReversed(half, engine, settings))
            : [];
        })
        .flat()
        .filter(({ from }) => from === undefined || isIn(from, within)),
  };
}

function isIn(inner: Span, outer: Span): boolean {
  return inner.start >= outer.start && inner.end <= outer.end;
}

/** A call that sends SQL as it is, in a string that every C# has. */
export function executeSql(sql: string, _transaction: 'one' | 'none' = 'one', indent = '            '): string {
  const lines = sql.trim().replaceAll('"', '""').split(/\r?\n/);
  return [
    `${indent}Execute.Sql(@"`,
    ...lines.map((line) => (line === '' ? '' : `${indent}    ${line}`)),
    `${indent}    ");`,
  ].join('\n');
}
