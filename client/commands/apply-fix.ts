import * as vscode from 'vscode';
import { FIX_REQUEST, type FixReference, type FixResult } from '../../server/protocol/requests.ts';
import { readBytes } from '../fixes/restore.ts';
import { sayWhatLanded } from '../fixes/say-what-landed.ts';
import { writeFix } from '../fixes/write-fix.ts';
import { isTrusted, type CommandContext } from './command-context.ts';
import { previewPlan } from './preview-plan.ts';
import { say } from '../say.ts';

/** Carries out a fix that writes files, opens its first step and says what was written. */
export async function applyFix(context: CommandContext, reference: FixReference): Promise<void> {
  const fix = await workedOutWithValues(context, reference);
  if (fix !== undefined) await land(context, fix);
}

/** The same after a look at each file. */
export async function previewFix(context: CommandContext, reference: FixReference): Promise<void> {
  const fix = await workedOut(context, reference);
  if (fix === undefined) return;
  const ofStep = (path: string): boolean => fix.steps.some((step) => step.files.includes(path));
  const rest = fix.files.filter((file) => !ofStep(file.path));
  const steps = [
    ...fix.steps.map((step) => ({ ...step, files: fix.files.filter((file) => step.files.includes(file.path)) })),
    ...(rest.length === 0
      ? []
      : [
          {
            phase: rest.every((file) => file.action === 'delete') ? 'replaced' : 'edited',
            title: 'what the unsafe statement leaves',
            deploys: [],
            locks: [],
            files: rest.map((file) => (file.action === 'delete' ? { ...file, text: '-- This file goes.\n' } : file)),
          },
        ]),
  ];
  if (!(await previewPlan(context.documents, { title: fix.title, steps }))) return;
  // The files may have changed while the preview stood.
  const again = await workedOutWithValues(context, reference);
  if (again !== undefined) await land(context, again);
}

/** The fix with the values that it needs, asked for one by one; undefined where a person leaves without an answer. */
async function workedOutWithValues(context: CommandContext, reference: FixReference): Promise<FixResult | undefined> {
  const fix = await workedOut(context, reference);
  if (fix === undefined || fix.values.length === 0) return fix;
  const values: Record<string, string> = {};
  for (const { name, type, suggestion } of fix.values) {
    const value = await vscode.window.showInputBox({
      title: `Value of ${name} in the rows that exist`,
      prompt: `SQL${type === '' ? '' : ` of type ${type}`}: a value or an expression over the row, with a text in single quotes. Left empty, the step is held until it is written there.`,
      // An example, not a value: who only presses Enter has not said what the rows are to hold.
      ...(suggestion === undefined ? {} : { placeHolder: `for example ${suggestion}` }),
      ignoreFocusOut: true,
    });
    if (value === undefined) return undefined;
    if (value.trim() !== '') values[name] = value.trim();
  }
  return workedOut(context, { ...reference, values });
}

async function land(context: CommandContext, fix: FixResult): Promise<void> {
  const landed = await writeFix(context, fix);
  if (landed !== undefined) await sayWhatLanded(context, landed);
}

/** The fix's files, worked out now, from documents that are saved: an undo brings back what is on disk. */
async function workedOut(context: CommandContext, reference: FixReference): Promise<FixResult | undefined> {
  if (!(await isTrusted())) return undefined;
  const document = vscode.workspace.textDocuments.find((each) => each.uri.toString() === same(reference.uri));
  const isCurrent = document?.version === reference.version;
  if (document?.isDirty === true && !(await document.save())) {
    say('error', 'Lockstep: the file could not be saved, so nothing was written.');
    return undefined;
  }
  if (document !== undefined && !(await isAsOnDisk(document))) {
    say('error', 'Lockstep: the file has changed on disk since this fix was offered, so nothing was written.');
    return undefined;
  }
  const outcome = await context.server.ask(FIX_REQUEST, {
    ...reference,
    // Saving may trim white space; whether the fix is still there is for the server to say.
    version: isCurrent ? (document?.version ?? reference.version) : reference.version,
  } satisfies FixReference);
  if (outcome.ok) return outcome.value;
  say('error', `Lockstep: ${outcome.message}`);
  return undefined;
}

/**
 * Whether the disk has the text that the editor shows: what another program wrote a moment ago would be replaced unseen.
 * An editor has one kind of line end in a document, whatever its file has.
 */
async function isAsOnDisk(document: vscode.TextDocument): Promise<boolean> {
  const bytes = await readBytes(document.uri.toString());
  if (bytes === null) return false;
  const text = await vscode.workspace.decode(Buffer.from(bytes, 'base64'), { encoding: document.encoding });
  const plain = (each: string): string => each.replace(/^\uFEFF/, '').replaceAll(/\r\n?/g, '\n');
  return plain(text) === plain(document.getText());
}

/** A URI as this editor spells it. */
function same(uri: string): string {
  return vscode.Uri.parse(uri).toString();
}
