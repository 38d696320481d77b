import type { InitResult } from '../../server/protocol/requests.ts';

/** What is asked where a first configuration would accept a past; undefined where there is a configuration, or no past. */
export function offerWords(plan: InitResult): string | undefined {
  if (plan.kind !== 'planned') return undefined;
  const past = plan.folders.filter((folder) => folder.startAfter !== null);
  if (past.length === 0) return undefined;
  const names = past.map(
    ({ folder, startAfter }) => `${startAfter ?? ''} in ${folder === '' ? 'this folder' : folder}`,
  );
  return `Many of these findings are about migrations that ran long ago. Write lockstep.jsonc, so that what is up to ${names.join(', and ')} is history and is not linted?`;
}
