// The server is a program of its own. Where it is not found, this offers to install it, and says with which command.
import { execFile } from 'node:child_process';
import * as vscode from 'vscode';
import * as installing from './installing.json';

const TOOLS: readonly { name: string; args: readonly string[] }[] = [
  { name: 'uv', args: ['tool', 'install'] },
  { name: 'pipx', args: ['install'] },
];

/** Ask; true once something was installed. Nothing is run that the user did not press a button for. */
export async function offerToInstall(command: string): Promise<boolean> {
  const wanted = vscode.workspace.getConfiguration('lspDebugger').get<string>('server.package')!;
  const message = `LSP Debugger: there is no ${command}.`;
  const settings = 'Set Its Path…';
  const tool = wanted ? await firstFound() : undefined;
  if (!tool) {
    const how = wanted ? `Install ${wanted} with uv or pipx` : `Install it ${installing.how}`;
    return offerToReload(`${message} ${how}, then reload the window.`, settings);
  }
  const args = [...tool.args, wanted];
  const install = `Install with ${tool.name}`;
  const offer = `${message} It can be installed: ${[tool.name, ...args].join(' ')}`;
  const chosen = await vscode.window.showErrorMessage(offer, install, settings);
  if (chosen === settings) {
    return openSettings();
  }
  return chosen === install ? runInTerminal(tool.name, args) : false;
}

/** Where only the user can install it, or somewhere else than it is looked for. */
async function offerToReload(message: string, settings: string): Promise<false> {
  const reload = 'Reload Window';
  const chosen = await vscode.window.showErrorMessage(message, reload, settings);
  if (chosen === reload) {
    await vscode.commands.executeCommand('workbench.action.reloadWindow');
  }
  return chosen === settings ? openSettings() : false;
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
