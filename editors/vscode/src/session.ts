// The client of our server. Loaded after activation: most of the extension's code is the client's.
import * as vscode from 'vscode';
import { Executable, LanguageClient, LanguageClientOptions } from 'vscode-languageclient/node';
import { ANSWERS, isPreviewOfBytes, preview, wrapLines } from './answers';
import { passFindingsOn } from './foreign';
import { offerToInstall } from './install';
import { findServer, serverSetting } from './server';
import { StatusItem } from './status';

const DOCUMENTS = ['file', 'untitled', 'vscode-notebook-cell'].map((scheme) => ({ scheme }));

/** started: whether there is a server and it answers. */
export interface Session {
  client: LanguageClient;
  status: StatusItem;
  started: Promise<boolean>;
}

export function begin(context: vscode.ExtensionContext): Session {
  const server: Executable = { command: serverSetting(), args: ['serve'] };
  const client = newClient(server);
  const status = new StatusItem(client);
  context.subscriptions.push(status);
  const started = start(client, server).then((findings) => {
    if (findings) {
      context.subscriptions.push(findings);
    }
    return findings !== undefined;
  });
  return { client, status, started };
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
