// Answers, as Markdown that grows: the preview beside the text follows them, and their source is not shown.
import { posix as path } from 'node:path';
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

/** The bytes that would be sent stand on few, long lines: wrapped, so that they can be read before they are agreed to. */
export async function wrapLines(shown: vscode.Uri): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  const isOff = vscode.workspace.getConfiguration('editor', shown).get('wordWrap') === 'off';
  if (isOff && editor?.document.uri.toString() === shown.toString()) {
    await vscode.commands.executeCommand('editor.action.toggleWordWrap');
  }
}

export function isPreviewOfBytes(uri: vscode.Uri): boolean {
  return uri.scheme === 'file' && uri.path.endsWith('.json') && path.basename(path.dirname(uri.path)) === 'previews';
}
