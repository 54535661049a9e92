// Commands of the palette: each is one command of the server.
import * as vscode from 'vscode';
import type { Session } from './session';

type Reply = Record<string, unknown>;

export function registerCommands(session: Promise<Session>): vscode.Disposable {
  const run = async (name: string, ...args: unknown[]): Promise<Reply> => {
    const { client, started } = await session;
    if (!(await started)) {
      void vscode.window.showInformationMessage('LSP Debugger: its server does not run. Reload the window once it is installed.');
      return {};
    }
    const reply = await client.sendRequest<Reply | null>('workspace/executeCommand', {
      command: `lspDebugger.${name}`,
      arguments: args,
    });
    if (reply?.reason) {
      void vscode.window.showInformationMessage(`LSP Debugger: ${String(reply.reason)}`);
    }
    return reply ?? {};
  };
  const here = async (name: string) => {
    const editor = vscode.window.activeTextEditor;
    if (editor) {
      const { client } = await session;
      const uri = client.code2ProtocolConverter.asUri(editor.document.uri);
      const position = client.code2ProtocolConverter.asPosition(editor.selection.active);
      await run(name, { uri, position });
    }
  };
  const lookAtStatus = async () => {
    const said = await run('status');
    (await session).status.show(said);
    return said;
  };
  const acts: Record<string, () => Promise<unknown>> = {
    explain: () => here('explain').then(lookAtStatus),
    fix: () => here('fix').then(lookAtStatus),
    fixAll: () => here('fixAll'),
    writeTest: () => here('writeTest'),
    reduce: () => here('reduce'),
    escalate: () => here('escalate'),
    cancel: () => run('cancel'),
    lastAnswer: () => run('lastAnswer'),
    restart: () => run('restart').then(lookAtStatus),
    status: async () => {
      const lines = Object.entries(await lookAtStatus());
      const items = lines.map(([label, value]) => ({ label, description: String(value) }));
      await vscode.window.showQuickPick(items, { title: 'LSP Debugger: what is in force' });
    },
  };
  return vscode.Disposable.from(
    ...Object.entries(acts).map(([name, act]) => vscode.commands.registerCommand(`lsp-debugger.${name}`, act)),
  );
}
