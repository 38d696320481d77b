import { readCSharp } from '../../csharp/csharp-parser.ts';
import type { Remark } from '../../language.ts';
import { CHANGING, codeOnly } from '../checks/changing-value.ts';
import type { SourceCheck } from './source-check.ts';

/** Rows of `HasData` with values that are others each time the model is built. */
export const changingSeed: SourceCheck = ({ text }) => {
  if (!/\bHasData\s*\(/.test(text)) return [];
  return readCSharp(text, (root) =>
    root.descendantsOfType('invocation_expression').flatMap((call): readonly Remark[] => {
      const callee = call?.childForFieldName('function');
      const given = call?.childForFieldName('arguments');
      if (call === null || !given || !/\.HasData$/.test(callee?.text.replace(/\s/g, '') ?? '')) return [];
      return [...codeOnly(given.text).matchAll(CHANGING)].map((match): Remark => {
        const name = match[0].replace(/\s*\($/, '');
        const start = given.startIndex + match.index;
        return {
          code: 'changing-value',
          span: { start, end: start + name.length },
          message: `${name} makes another row each time the model is built: each migration then changes this row again, and since EF Core 9 "dotnet ef database update" refuses with PendingModelChangesWarning. Write a fixed value.`,
        };
      });
    }),
  );
};
