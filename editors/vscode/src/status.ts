// One item in the status bar: whether the server runs; what is in force stands in its tooltip.
import * as vscode from 'vscode';
import { LanguageClient, State } from 'vscode-languageclient/node';

export class StatusItem implements vscode.Disposable {
  private readonly item = vscode.languages.createLanguageStatusItem('lspDebugger', { scheme: 'file' });
  private readonly listening: vscode.Disposable;

  constructor(client: LanguageClient) {
    this.item.name = 'LSP Debugger';
    this.item.command = { command: 'lsp-debugger.status', title: 'Show' };
    this.show(client.state);
    this.listening = client.onDidChangeState((change) => this.show(change.newState));
  }

  private show(state: State): void {
    this.item.text = 'LSP Debugger';
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
