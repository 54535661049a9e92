// One item of the language status: whether the server runs and, once it was asked, its model, policy and index.
import * as vscode from 'vscode';
import { LanguageClient, State } from 'vscode-languageclient/node';

const SHOWN = ['model', 'policy', 'index'];

export class StatusItem implements vscode.Disposable {
  private readonly item = vscode.languages.createLanguageStatusItem('lspDebugger', { scheme: 'file' });
  private readonly listening: vscode.Disposable;

  constructor(client: LanguageClient) {
    this.item.name = this.item.text = 'LSP Debugger';
    this.item.command = { command: 'lsp-debugger.status', title: 'Show' };
    this.follow(client.state);
    this.listening = client.onDidChangeState((change) => this.follow(change.newState));
  }

  /** What the server says is in force. It is asked when it has been used, not by a window that opens. */
  show(status: Record<string, unknown>): void {
    this.item.detail = SHOWN.filter((name) => name in status).map((name) => `${name}: ${String(status[name])}`).join(' · ');
  }

  private follow(state: State): void {
    this.item.busy = state === State.Starting;
    this.item.detail = state === State.Running ? 'running' : state === State.Starting ? 'starting' : 'stopped';
    this.item.severity =
      state === State.Stopped ? vscode.LanguageStatusSeverity.Warning : vscode.LanguageStatusSeverity.Information;
  }

  dispose(): void {
    this.listening.dispose();
    this.item.dispose();
  }
}
