// The server is a program of its own. Where it is not found, this offers to install it with what is there.
import { execFile } from 'node:child_process';
import * as vscode from 'vscode';

const PACKAGE = 'lsp-debugger[demo,languages]';
const TOOLS: readonly { name: string; args: readonly string[] }[] = [
  { name: 'uv', args: ['tool', 'install', PACKAGE] },
  { name: 'pipx', args: ['install', PACKAGE] },
];

/** Ask; true once the server was installed. Nothing is run that the user did not press a button for. */
export async function offerToInstall(command: string, error: unknown): Promise<boolean> {
  const tool = await firstFound();
  const why = error instanceof Error ? error.message : String(error);
  const message = `LSP Debugger: ${command} could not be started (${why}).`;
  const settings = 'Set Its Path…';
  if (!tool) {
    const chosen = await vscode.window.showErrorMessage(`${message} Install ${PACKAGE} with uv or pipx.`, settings);
    return chosen === settings ? openSettings() : false;
  }
  const install = `Install with ${tool.name}`;
  const chosen = await vscode.window.showErrorMessage(message, install, settings);
  if (chosen === settings) {
    return openSettings();
  }
  return chosen === install ? runInTerminal(tool.name, tool.args) : false;
}

async function openSettings(): Promise<false> {
  await vscode.commands.executeCommand('workbench.action.openSettings', 'lspDebugger.server.path');
  return false;
}

async function firstFound(): Promise<(typeof TOOLS)[number] | undefined> {
  for (const tool of TOOLS) {
    if (await new Promise<boolean>((resolve) => execFile(tool.name, ['--version'], (error) => resolve(!error)))) {
      return tool;
    }
  }
  return undefined;
}

/** As a task: what it says can be read, and it can be stopped. */
async function runInTerminal(program: string, args: readonly string[]): Promise<boolean> {
  const execution = new vscode.ProcessExecution(program, [...args]);
  const task = new vscode.Task({ type: 'lsp-debugger' }, vscode.TaskScope.Global, 'install', 'LSP Debugger', execution);
  const running = await vscode.tasks.executeTask(task);
  return new Promise((resolve) => {
    const listening = vscode.tasks.onDidEndTaskProcess((event) => {
      if (event.execution === running) {
        listening.dispose();
        resolve(event.exitCode === 0);
      }
    });
  });
}
