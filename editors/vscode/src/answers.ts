// Answers, as Markdown that grows: the preview beside the text follows them, and their source is not shown.
import * as vscode from 'vscode';

export const ANSWERS = 'lspdbg';

/** Show an answer without taking the cursor; false leaves it to the server, which has other ways. */
export async function preview(uri: vscode.Uri): Promise<boolean> {
  try {
    await vscode.workspace.openTextDocument(uri);
    // Not `markdown.showPreviewToSide`, which takes the cursor.
    const beside = { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true };
    await vscode.commands.executeCommand('vscode.openWith', uri, 'vscode.markdown.preview.editor', beside);
    return true;
  } catch {
    return false;
  }
}
