// Starts the server, passes settings and other extensions' findings on, shows answers. No logic and no defaults live here.
import * as vscode from 'vscode';
import { Executable, LanguageClient, LanguageClientOptions } from 'vscode-languageclient/node';
import { ANSWERS, isPreviewOfBytes, preview, wrapLines } from './answers';
import { registerCommands } from './commands';
import { passFindingsOn } from './foreign';
import { offerToInstall } from './install';
import { linkToFiles } from './links';
import { findServer, serverSetting } from './server';
import { StatusItem } from './status';

const DOCUMENTS = ['file', 'untitled', 'vscode-notebook-cell'].map((scheme) => ({ scheme }));

let client: LanguageClient | undefined;

/** Returns at once: nobody's window waits for the server. Who does waits for `started`: whether it came. */
export function activate(context: vscode.ExtensionContext) {
  const server: Executable = { command: serverSetting(), args: ['serve'] };
  const running = (client = newClient(server));
  const status = new StatusItem(running);
  context.subscriptions.push(status, registerCommands(running, status));
  const started = start(running, server).then((findings) => {
    if (findings) {
      context.subscriptions.push(findings);
    }
    return findings !== undefined;
  });
  return { extendMarkdownIt: linkToFiles, started };
}

export async function deactivate(): Promise<void> {
  await client?.stop();
}

/** The client is not tried before there is a program: it says by itself, and more than once, that there is none. */
async function start(running: LanguageClient, server: Executable): Promise<vscode.Disposable | undefined> {
  let found = findServer();
  while (!found && (await offerToInstall(server.command))) {
    found = findServer();
  }
  if (!found) {
    return undefined;
  }
  server.command = found;
  try {
    await running.start();
  } catch {
    return undefined; // the client has said why
  }
  return passFindingsOn(running);
}

function newClient(server: Executable): LanguageClient {
  const options: LanguageClientOptions = {
    documentSelector: DOCUMENTS,
    // It pulls its settings and is told when they change; without trust a workspace's do not count.
    synchronize: { configurationSection: 'lspDebugger' },
    initializationOptions: {},
    outputChannelName: 'LSP Debugger',
    middleware: {
      window: {
        showDocument: async (params, token, next) => {
          const uri = vscode.Uri.parse(params.uri);
          if (uri.scheme === ANSWERS) {
            return { success: await preview(uri) };
          }
          const result = await next(params, token);
          if (isPreviewOfBytes(uri)) {
            await wrapLines(uri);
          }
          return result;
        },
      },
    },
  };
  return new LanguageClient('lspDebugger', 'LSP Debugger', server, options);
}
