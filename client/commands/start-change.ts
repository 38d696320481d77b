import { isDeepStrictEqual } from 'node:util';
import * as vscode from 'vscode';
import { PLAN_REQUEST, WISHES_REQUEST, type PlanResult, type WishesResult } from '../../server/protocol/requests.ts';
import { sayWhatLanded } from '../fixes/say-what-landed.ts';
import { writeFix } from '../fixes/write-fix.ts';
import { isTrusted, pickTarget, type CommandContext } from './command-context.ts';
import { previewPlan } from './preview-plan.ts';
import { say } from '../say.ts';

type Part = WishesResult['wishes'][number]['parts'][number];
type Table = WishesResult['tables'][number];
type Known = Pick<WishesResult, 'tables' | 'enums'>;

const TITLE = 'Lockstep: Start a Change';

/** Asks for a change, its table and columns, and writes its steps as migrations once a person has looked at them. */
export async function startChange(context: CommandContext): Promise<void> {
  if (!(await isTrusted())) return;
  const target = await pickTarget(context);
  if (target === undefined) return;
  const place = { folder: target.folder.folderUri, project: target.project };
  const known = await context.server.ask(WISHES_REQUEST, place);
  if (!known.ok) return refuse(known.message);
  const picked = await vscode.window.showQuickPick(
    known.value.wishes.map((wish) => ({ label: wish.title, description: wish.name, wish })),
    { title: TITLE, placeHolder: 'What is to change?', ignoreFocusOut: true },
  );
  if (picked === undefined) return;
  const values: string[] = [];
  for (const part of picked.wish.parts) {
    const value = await askFor(part, known.value, values);
    if (value === undefined) return;
    values.push(value);
  }
  const asked = { ...place, change: picked.wish.name, values };
  const planned = await context.server.ask(PLAN_REQUEST, asked);
  if (!planned.ok) {
    // A notification would show the first words only, and the reason is the answer.
    void vscode.window.showWarningMessage(`${picked.wish.title}: no steps were written.`, {
      modal: true,
      detail: planned.message,
    });
    return;
  }
  if (!(await previewPlan(context.documents, planned.value))) return;
  // A migration that came meanwhile may have taken a number, which is nothing, or have changed the table.
  const now = await context.server.ask(PLAN_REQUEST, asked);
  if (!now.ok || !isDeepStrictEqual(textsOf(now.value), textsOf(planned.value)))
    return refuse(
      'the migrations have changed since these steps were worked out, so nothing was written: start again.',
    );
  const landed = await writeFix(context, {
    ...place,
    title: now.value.title,
    steps: now.value.steps,
    files: now.value.files,
  });
  if (landed !== undefined) await sayWhatLanded(context, landed);
}

/** What a person has looked at; names of files may hold the time. */
function textsOf({ steps }: PlanResult): readonly unknown[] {
  return steps.map(({ phase, title, deploys, files }) => [phase, title, deploys, files.map((file) => file.text)]);
}

function refuse(message: string): void {
  say('error', `Lockstep: ${message}`);
}

/** One value, as the command line takes it; `before` are the values of the parts before it. */
async function askFor(part: Part, { tables, enums }: Known, before: readonly string[]): Promise<string | undefined> {
  switch (part.kind) {
    case 'table':
      return (await pickTable(part.title, tables))?.name;
    case 'column':
    case 'columns': {
      const table = await pickTable(`${part.title}: of which table?`, tables);
      if (table === undefined) return undefined;
      const items = table.columns.map((column) => ({ label: column.name, description: column.type }));
      const options = { title: TITLE, placeHolder: `${part.title} of ${table.name}`, ignoreFocusOut: true };
      const chosen =
        part.kind === 'column'
          ? await vscode.window.showQuickPick(items, options).then((item) => (item === undefined ? [] : [item]))
          : ((await vscode.window.showQuickPick(items, { ...options, canPickMany: true })) ?? []);
      return chosen.length === 0 ? undefined : `${table.name}.${chosen.map((item) => item.label).join(',')}`;
    }
    case 'new-column': {
      const table = await pickTable(part.title, tables);
      const name = table === undefined ? undefined : await askText('Name of the new column');
      return table === undefined || name === undefined
        ? undefined
        : `${table.name}.${/[.,"]/.test(name) ? `"${name.replaceAll('"', '""')}"` : name}`;
    }
    case 'enum':
      return await pickText(
        part.title,
        enums.map((each) => ({ label: each.name, description: each.values.join(', ') })),
        'No migration makes an enum yet.',
      );
    case 'enum-value':
      return await pickText(
        part.title,
        (enums.find((each) => each.name === before.at(-1))?.values ?? []).map((label) => ({ label })),
        'This enum has no values.',
      );
    default:
      return askText(part.title);
  }
}

async function pickTable(placeHolder: string, tables: readonly Table[]): Promise<Table | undefined> {
  if (tables.length === 0) {
    refuse('No migration makes a table yet.');
    return undefined;
  }
  return (
    await vscode.window.showQuickPick(
      tables.map((table) => ({ label: table.name, description: `${table.columns.length} columns`, table })),
      { title: TITLE, placeHolder, ignoreFocusOut: true },
    )
  )?.table;
}

/** The label that is picked; where there is none to pick, `nothing` is said. */
async function pickText(
  placeHolder: string,
  items: readonly vscode.QuickPickItem[],
  nothing: string,
): Promise<string | undefined> {
  if (items.length === 0) {
    refuse(nothing);
    return undefined;
  }
  return (await vscode.window.showQuickPick(items, { title: TITLE, placeHolder, ignoreFocusOut: true }))?.label;
}

async function askText(prompt: string): Promise<string | undefined> {
  const text = await vscode.window.showInputBox({ title: TITLE, prompt, ignoreFocusOut: true });
  return text === undefined || text.trim() === '' ? undefined : text.trim();
}
