import type { FixProposal } from '../../server/analysis/report.ts';
import { valuePlace } from '../../server/model/asked-value.ts';

/** Columns that point at a row of another table, and a row that the tests make in each. */
const POINTS = /_id$/;
const A_ROW = '21';

/** A proposal as a person completes it: a value in the place of each that it asks for. */
export function withSaidValues<Proposal extends Pick<FixProposal, 'files' | 'values'>>(proposal: Proposal): Proposal {
  return { ...proposal, files: proposal.files.map((file) => ({ ...file, text: said(file.text, proposal.values) })) };
}

function said(text: string, values: FixProposal['values']): string {
  return values.reduce(
    (all, { name, type, suggestion }) =>
      all.replaceAll(valuePlace(name), () => suggestion ?? (POINTS.test(name) && type !== 'uuid' ? A_ROW : 'id')),
    text,
  );
}
