import { ADAPTERS } from '../../server/adapters/registry.ts';
import { rulesDocument } from '../../server/engine/rules-document.ts';
import { settingsSchema } from '../../server/engine/settings-schema.ts';
import { RULES } from '../../server/rules/index.ts';

/** Files at the top of the repository whose text comes from the code; `LOCKSTEP_WRITE=1` writes them. */
export function generatedFiles(): readonly { readonly path: string; readonly text: string }[] {
  return [
    { path: 'RULES.md', text: rulesDocument(RULES) },
    { path: 'media/lockstep.schema.json', text: `${JSON.stringify(settingsSchema(RULES, [...ADAPTERS.map((adapter) => adapter.id), 'plain']), undefined, 2)}\n` },
  ];
}
