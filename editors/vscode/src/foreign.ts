// What other extensions have found, passed on: a server sees only its own, and others' only in code action requests.
import * as vscode from 'vscode';
import { LanguageClient } from 'vscode-languageclient/node';

const METHOD = 'lspDebugger/foreignDiagnostics';
const QUIET_MS = 100; // many small changes come at once while a checker works

export function passFindingsOn(client: LanguageClient): vscode.Disposable {
  const waiting = new Map<string, vscode.Uri>();
  let timer: NodeJS.Timeout | undefined;

  const flush = () => {
    timer = undefined;
    for (const uri of waiting.values()) {
      const document = vscode.workspace.textDocuments.find((each) => each.uri.toString() === uri.toString());
      if (document) {
        void tell(client, document);
      }
    }
    waiting.clear();
  };
  const later = (uris: readonly vscode.Uri[]) => {
    for (const uri of uris) {
      waiting.set(uri.toString(), uri);
    }
    timer ??= setTimeout(flush, QUIET_MS);
  };

  later(vscode.workspace.textDocuments.map((document) => document.uri));
  return vscode.Disposable.from(
    vscode.languages.onDidChangeDiagnostics((event) => later(event.uris)),
    vscode.workspace.onDidOpenTextDocument((document) => later([document.uri])),
    new vscode.Disposable(() => clearTimeout(timer)),
  );
}

/** VS Code hands out copies: equal is what says the same at the same place. */
function said(diagnostic: vscode.Diagnostic): string {
  return JSON.stringify([diagnostic.range, diagnostic.source, diagnostic.code, diagnostic.message]);
}

async function tell(client: LanguageClient, document: vscode.TextDocument): Promise<void> {
  const own = new Set((client.diagnostics?.get(document.uri) ?? []).map(said));
  const others = vscode.languages.getDiagnostics(document.uri).filter((each) => !own.has(said(each)));
  await client.sendNotification(METHOD, {
    uri: client.code2ProtocolConverter.asUri(document.uri),
    version: document.version,
    diagnostics: await client.code2ProtocolConverter.asDiagnostics(others),
    complete: true,
  });
}
