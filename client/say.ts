import * as vscode from 'vscode';

type Severity = 'error' | 'warning' | 'information';

const SHOW: Readonly<
  Record<Severity, (message: string, ...buttons: readonly string[]) => Thenable<string | undefined>>
> = {
  error: vscode.window.showErrorMessage,
  warning: vscode.window.showWarningMessage,
  information: vscode.window.showInformationMessage,
};

/** Characters that the one line of a closed notification has room for, in the editor's own font and width. */
const ONE_LINE = 50;

const COPY = 'Copy';

/**
 * Says something that asks nothing, whole.
 *
 * VS Code shows a notification without a button as one line and cuts off the rest, which is where our sentences say what to
 * do; one with a button is open from the beginning.
 */
export function say(severity: Severity, message: string): void {
  const isLong = message.length > ONE_LINE;
  void SHOW[severity](message, ...(isLong ? [COPY] : [])).then((answer) =>
    answer === COPY ? vscode.env.clipboard.writeText(message) : undefined,
  );
}
