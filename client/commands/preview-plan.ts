import * as vscode from 'vscode';
import type { PlannedStep } from '../../server/protocol/requests.ts';
import type { SqlDocuments } from './sql-documents.ts';

/** The document that shows the step that is looked at. */
const DOCUMENT = 'Planned step.sql';
/** Who moves fast through the list wants the text of the last step only. */
const SETTLE_MS = 80;

/** A step as it is looked at. */
type LookedAt = Omit<PlannedStep, 'deploys'>;

interface StepItem extends vscode.QuickPickItem {
  readonly step?: LookedAt;
}

/** Lists a change's steps with the text of the one that is looked at beside it; whether its files are to be written. */
export async function previewPlan(
  documents: SqlDocuments,
  plan: { readonly title: string; readonly steps: readonly LookedAt[] },
): Promise<boolean> {
  const picker = vscode.window.createQuickPick<StepItem>();
  const count = plan.steps.reduce((sum, step) => sum + step.files.length, 0);
  const write: StepItem = {
    label: `$(check) Write ${count === 1 ? 'this file' : `these ${count} files`}`,
    description: 'nothing runs yet, and Undo takes them back',
    alwaysShow: true,
  };
  picker.title = `Lockstep: ${plan.title}`;
  picker.placeholder = 'Look at each step, then write them';
  picker.ignoreFocusOut = true;
  picker.matchOnDescription = true;
  picker.matchOnDetail = true;
  picker.items = [
    write,
    ...plan.steps.map((step): StepItem => ({ label: `${step.phase}: ${step.title}`, detail: namesOf(step), step })),
  ];
  let timer: NodeJS.Timeout | undefined;
  const show = (step: LookedAt | undefined): void => {
    clearTimeout(timer);
    if (step !== undefined)
      timer = setTimeout(() => void documents.show(DOCUMENT, textOf(step), { preserveFocus: true }), SETTLE_MS);
  };
  try {
    return await new Promise<boolean>((resolve) => {
      picker.onDidChangeActive(([item]) => {
        show(item?.step);
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
    await documents.close(DOCUMENT);
  }
}

/** The step's files, one below the other. */
function textOf(step: LookedAt): string {
  return step.files.map((file) => `-- ${file.path}\n\n${file.text}`).join('\n\n');
}

/** `migrations/0003_add.up.sql, 0003_add.down.sql`: one folder holds them all. */
function namesOf(step: LookedAt): string {
  return step.files
    .map((file, index) => (index === 0 ? file.path : file.path.slice(file.path.lastIndexOf('/') + 1)))
    .join(', ');
}
