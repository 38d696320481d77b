import type { Node } from 'web-tree-sitter';
import { readCSharp } from '../../csharp/csharp-parser.ts';
import type { Remark } from '../../language.ts';
import type { SourceCheck } from './source-check.ts';

/** `Database.Migrate()` where a service starts, whatever it was started for. */
export const migrateAtStartUp: SourceCheck = ({ name, text, isService }) => {
  if (!isService || !/^(?:Program|Startup)\.cs$/i.test(name) || !/\bMigrate(?:Async)?\s*\(/.test(text)) return [];
  return readCSharp(text, (root) =>
    root.descendantsOfType('invocation_expression').flatMap((call): readonly Remark[] => {
      const called = call?.childForFieldName('function');
      const callee = called?.text.replaceAll(/\s/g, '') ?? '';
      if (!call || !called || !/\bDatabase!?\??\.Migrate(?:Async)?$/.test(callee) || isGuarded(call)) return [];
      const method = /Migrate(?:Async)?$/.exec(callee)?.[0] ?? '';
      const start = called.endIndex - method.length;
      return [
        {
          code: 'migrate-at-start-up',
          span: { start, end: start + method.length },
          message: `Every instance that starts runs the migrations, with rights on the schema that a service should not have: while new instances start the old ones still run, nobody has read the SQL, and one that fails keeps all of them from starting. Apply them in a step of the deployment, by "dotnet ef database update", a bundle or a script.`,
        },
      ];
    }),
  );
};

/** Whether it runs only under a condition, such as in development or for an argument. */
function isGuarded(node: Node): boolean {
  for (let at = node.parent; at !== null; at = at.parent)
    if (
      /^(?:if_statement|conditional_expression|switch_section|switch_statement|preproc_if\w*|preproc_el\w+)$/.test(
        at.type,
      )
    )
      return true;
  return false;
}
