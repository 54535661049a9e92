// Starts the server, passes settings and other extensions' findings on, shows answers. No logic and no defaults live here.
import * as vscode from 'vscode';
import { LanguageClient, LanguageClientOptions, ServerOptions } from 'vscode-languageclient/node';
import { ANSWERS, isPreviewOfBytes, preview, wrapLines } from './answers';
import { registerCommands } from './commands';
import { passFindingsOn } from './foreign';
import { offerToInstall } from './install';
import { linkToFiles } from './links';
import { StatusItem } from './status';

const DOCUMENTS = ['file', 'untitled', 'vscode-notebook-cell'].map((scheme) => ({ scheme }));

let client: LanguageClient | undefined;

/** Returns at once: nobody's window waits for the server. */
export function activate(context: vscode.ExtensionContext) {
  const command = vscode.workspace.getConfiguration('lspDebugger').get<string>('server.path') || 'lsp-debugger';
  const running = (client = newClient(command));
  const status = new StatusItem(running);
  context.subscriptions.push(status, registerCommands(running, status));
  void start(running, command).then((findings) => findings && context.subscriptions.push(findings));
  return { extendMarkdownIt: linkToFiles };
}

export async function deactivate(): Promise<void> {
  await client?.stop();
}

async function start(running: LanguageClient, command: string): Promise<vscode.Disposable | undefined> {
  try {
    await running.start();
  } catch (error) {
    if (await offerToInstall(command, error)) {
      await vscode.commands.executeCommand('workbench.action.restartExtensionHost');
    }
    return undefined;
  }
  return passFindingsOn(running);
}

function newClient(command: string): LanguageClient {
  const server: ServerOptions = { command, args: ['serve'] };
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
