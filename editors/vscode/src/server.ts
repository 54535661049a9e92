// Where the server is.
import { accessSync, constants } from 'node:fs';
import { homedir } from 'node:os';
import * as path from 'node:path';
import * as vscode from 'vscode';

/** What the setting names: a path, or a program's name. */
export function serverSetting(): string {
  return vscode.workspace.getConfiguration('lspDebugger').get<string>('server.path') || 'lsp-debugger';
}

/** That program, also where uv and pipx put programs; undefined where there is none. */
export function findServer(): string | undefined {
  const name = serverSetting();
  if (path.basename(name) !== name) {
    return isProgram(name) ? name : undefined;
  }
  const { PATH, UV_TOOL_BIN_DIR, PIPX_BIN_DIR, XDG_BIN_HOME } = process.env;
  const folders = [...(PATH ?? '').split(path.delimiter), UV_TOOL_BIN_DIR, PIPX_BIN_DIR, XDG_BIN_HOME];
  const file = process.platform === 'win32' ? `${name}.exe` : name;
  return [...folders, path.join(homedir(), '.local', 'bin')]
    .filter((folder) => folder && path.isAbsolute(folder))
    .map((folder) => path.join(folder!, file))
    .find(isProgram);
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
