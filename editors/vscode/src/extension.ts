// Starts the server, passes settings and other extensions' findings on, shows answers. No logic and no defaults live here.
import * as vscode from 'vscode';
import { LanguageClient, LanguageClientOptions, ServerOptions } from 'vscode-languageclient/node';
import { passFindingsOn } from './foreign';
import { StatusItem } from './status';

const DOCUMENTS = ['file', 'untitled', 'vscode-notebook-cell'].map((scheme) => ({ scheme }));
const INSTALL = "pipx install 'lsp-debugger[demo,languages]'";
const ANSWERS = 'lspdbg';

let client: LanguageClient | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const command = vscode.workspace.getConfiguration('lspDebugger').get<string>('server.path') || 'lsp-debugger';
  const server: ServerOptions = { command, args: ['serve'] };
  const options: LanguageClientOptions = {
    documentSelector: DOCUMENTS,
    // It pulls its settings and is told when they change; without trust a workspace's do not count.
    synchronize: { configurationSection: 'lspDebugger' },
    initializationOptions: {},
    outputChannelName: 'LSP Debugger',
    middleware: {
      window: {
        showDocument: async (params, token, next) =>
          vscode.Uri.parse(params.uri).scheme === ANSWERS
            ? { success: await preview(vscode.Uri.parse(params.uri)) }
            : next(params, token),
      },
    },
  };
  client = new LanguageClient('lspDebugger', 'LSP Debugger', server, options);
  const running = client;
  context.subscriptions.push(...register(running));
  try {
    await running.start();
  } catch (error) {
    await offerToInstall(command, error);
    return;
  }
  context.subscriptions.push(passFindingsOn(running), new StatusItem(running));
}

export async function deactivate(): Promise<void> {
  await client?.stop();
}

function run(running: LanguageClient, name: string, ...args: unknown[]): Promise<Record<string, unknown>> {
  return running.sendRequest('workspace/executeCommand', { command: `lspDebugger.${name}`, arguments: args });
}

function register(running: LanguageClient): vscode.Disposable[] {
  const command = (name: string, act: () => Promise<unknown>) =>
    vscode.commands.registerCommand(`lsp-debugger.${name}`, act);
  return [
    command('explain', async () => {
      const editor = vscode.window.activeTextEditor;
      if (!editor) {
        return;
      }
      const uri = running.code2ProtocolConverter.asUri(editor.document.uri);
      const position = running.code2ProtocolConverter.asPosition(editor.selection.active);
      const started = await run(running, 'explain', { uri, position });
      if (started.reason) {
        void vscode.window.showInformationMessage(`LSP Debugger: ${started.reason}`);
      }
    }),
    command('cancel', () => run(running, 'cancel')),
    command('lastAnswer', () => run(running, 'lastAnswer')),
    command('restart', () => run(running, 'restart')),
    command('status', async () => {
      const status = await run(running, 'status');
      await vscode.window.showQuickPick(
        Object.entries(status).map(([label, value]) => ({ label, description: String(value) })),
        { title: 'LSP Debugger: what is in force' },
      );
    }),
  ];
}

/** An answer is Markdown that grows: the preview beside the text follows it, and its source is not shown. */
async function preview(uri: vscode.Uri): Promise<boolean> {
  try {
    await vscode.workspace.openTextDocument(uri);
    // Not `markdown.showPreviewToSide`, which takes the cursor.
    const beside = { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true };
    await vscode.commands.executeCommand('vscode.openWith', uri, 'vscode.markdown.preview.editor', beside);
    return true;
  } catch {
    return false; // the server has other ways to show it
  }
}

async function offerToInstall(command: string, error: unknown): Promise<void> {
  const copy = 'Copy the Command';
  const chosen = await vscode.window.showErrorMessage(
    `LSP Debugger: ${command} could not be started (${error instanceof Error ? error.message : String(error)}). ` +
      `Install it with: ${INSTALL}`,
    copy,
  );
  if (chosen === copy) {
    await vscode.env.clipboard.writeText(INSTALL);
  }
}
