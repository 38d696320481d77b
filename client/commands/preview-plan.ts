import * as vscode from 'vscode';
import type { PlannedStep } from '../../server/protocol/requests.ts';
import { planOverview, stretchesOf } from '../fixes/plan-overview.ts';
import type { SqlDocuments } from './sql-documents.ts';

/** The page that shows all steps. */
const OVERVIEW = 'Planned steps.md';
/** The document that shows the step that is looked at. */
const DOCUMENT = 'Planned step.sql';
/** Who moves fast through the list wants the text of the last step only. */
const SETTLE_MS = 80;

interface StepItem extends vscode.QuickPickItem {
  readonly step?: PlannedStep;
}

/**
 * Lists a change's steps by phase, with what is deployed between them and whom each keeps waiting; beside the list stands
 * the page of all steps, or the text of the one that is looked at. Whether its files are to be written.
 */
export async function previewPlan(
  documents: SqlDocuments,
  plan: { readonly title: string; readonly steps: readonly PlannedStep[] },
): Promise<boolean> {
  const picker = vscode.window.createQuickPick<StepItem>();
  const count = plan.steps.reduce((sum, step) => sum + step.files.length, 0);
  const write: StepItem = {
    label: `$(check) Write ${count === 1 ? 'this file' : `these ${count} files`}`,
    description: 'nothing runs yet, and Undo takes them back',
    alwaysShow: true,
  };
  const linked = plan.steps.map((_, index) => `Planned step ${index + 1}.sql`);
  const showOverview = async (): Promise<void> => {
    // Each time: what a person has closed is forgotten.
    for (const [index, step] of plan.steps.entries()) documents.put(linked[index] ?? '', textOf(step));
    await documents.showPage(
      OVERVIEW,
      planOverview(plan, (number) => encodeURI(linked[number - 1] ?? '')),
    );
  };
  picker.title = `Lockstep: ${plan.title}`;
  picker.placeholder = 'Look at each step, then write them';
  picker.ignoreFocusOut = true;
  picker.matchOnDescription = true;
  picker.matchOnDetail = true;
  picker.items = [write, ...stretchesOf(plan.steps).flatMap(itemsOf)];
  let timer: NodeJS.Timeout | undefined;
  const show = (item: StepItem | undefined): void => {
    clearTimeout(timer);
    const { step } = item ?? {};
    if (item !== undefined)
      timer = setTimeout(
        () =>
          void (step === undefined ? showOverview() : documents.show(DOCUMENT, textOf(step), { preserveFocus: true })),
        SETTLE_MS,
      );
  };
  try {
    return await new Promise<boolean>((resolve) => {
      picker.onDidChangeActive(([item]) => {
        show(item);
      });
      picker.onDidAccept(() => {
        const [item] = picker.selectedItems;
        if (item?.step === undefined) resolve(item !== undefined);
      });
      picker.onDidHide(() => {
        resolve(false);
      });
      picker.show();
    });
  } finally {
    clearTimeout(timer);
    picker.dispose();
    for (const name of [OVERVIEW, DOCUMENT, ...linked]) await documents.close(name);
  }
}

/** A line that says what is deployed and which phase begins, and the steps below it. */
function itemsOf({ phase, deploys, steps }: ReturnType<typeof stretchesOf>[number]): readonly StepItem[] {
  return [
    {
      label: deploys.length === 0 ? phase : `deploy ${deploys.join(', ')}; then ${phase}`,
      kind: vscode.QuickPickItemKind.Separator,
    },
    ...steps.map(
      ({ step }): StepItem => ({
        label: `${step.phase}: ${step.title}`,
        detail: [...step.locks, namesOf(step)].join(' · '),
        step,
      }),
    ),
  ];
}

/** The step's files, one below the other; of machine-written ones nobody reads more than the name. */
function textOf(step: PlannedStep): string {
  return step.files
    .filter(({ isGenerated }) => isGenerated !== true)
    .map((file) => `-- ${file.path}\n\n${file.text}`)
    .join('\n\n');
}

/** `migrations/0003_add.up.sql, 0003_add.down.sql`: one folder holds them all. */
function namesOf(step: PlannedStep): string {
  return step.files
    .map((file, index) => (index === 0 ? file.path : file.path.slice(file.path.lastIndexOf('/') + 1)))
    .join(', ');
}
