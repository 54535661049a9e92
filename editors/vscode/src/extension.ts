// Starts the server, passes settings and other extensions' findings on, shows answers. No logic and no defaults live here.
import * as vscode from 'vscode';
import { registerCommands } from './commands';
import { linkToFiles } from './links';
import type { Session } from './session';

let session: Promise<Session> | undefined;

/** Returns before the client is loaded: nobody's window waits for it. Who does waits for `started`: whether it came. */
export function activate(context: vscode.ExtensionContext) {
  const loaded = (session = afterThisTurn().then(() => import('./session.js')).then(({ begin }) => begin(context)));
  context.subscriptions.push(registerCommands(loaded));
  return { extendMarkdownIt: linkToFiles, started: loaded.then(({ started }) => started) };
}

export async function deactivate(): Promise<void> {
  await (await session)?.client.stop();
}

function afterThisTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
