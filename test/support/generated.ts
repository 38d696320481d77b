import { NAMED_TOOLS } from '../../server/tools/registry.ts';
import { rulesDocument } from '../../server/analysis/rules-document.ts';
import { settingsSchema } from '../../server/analysis/settings-schema.ts';
import { loadEngines } from '../../server/host/load-engines.ts';
import { RULES } from '../../server/rules/index.ts';
import { locksOf } from './example-locks.ts';

/** Files at the top of the repository whose text comes from the code; `LOCKSTEP_WRITE=1` writes them. */
export async function generatedFiles(): Promise<readonly { readonly path: string; readonly text: string }[]> {
  const engines = await loadEngines();
  return [
    { path: 'RULES.md', text: rulesDocument(RULES, (example) => locksOf(engines, example)) },
    {
      path: 'media/lockstep.schema.json',
      text: `${JSON.stringify(
        settingsSchema(
          RULES,
          NAMED_TOOLS.map((tool) => tool.id),
        ),
        undefined,
        2,
      )}\n`,
    },
  ];
}
