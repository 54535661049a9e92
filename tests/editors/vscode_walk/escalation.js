// Asking a service of somebody else: the question, the exact bytes before they are sent, and its patch here.
const vscode = require('vscode');
const stepsOf = require('./steps');

module.exports = async (context, seen) => {
  const { step, wish, choose, lint } = stepsOf(seen);
  const uri = vscode.Uri.file(process.env.WALK_FILE);
  const editor = await vscode.window.showTextDocument(uri);
  const text = () => editor.document.getText();
  const collection = vscode.languages.createDiagnosticCollection('ruff');
  context.subscriptions.push(collection);
  const place = lint(uri, collection).range;
  editor.selection = new vscode.Selection(place.start, place.start);

  const take = async (title) => {
    const action = await choose(uri, place, title);
    // Not awaited: it ends when the user has answered.
    void vscode.commands.executeCommand(action.command.command, ...action.command.arguments);
  };
  const answers = () => vscode.workspace.textDocuments.filter((each) => each.uri.scheme === 'lspdbg');
  const answer = (name, ended) => step(name, () => answers().map((each) => each.getText()).find(ended), 60000);

  await take('Explain: ');
  seen.local_answer = await answer('an answer from here', (said) => said.includes('Nothing was sent to corp'));

  seen.previews = [];
  /** Look at what would be sent, then send it. */
  const agree = async (moment) => {
    await wish('press Preview');
    const shown = await step('the bytes', () => vscode.window.visibleTextEditors.find(
      (each) => each.document.fileName.endsWith('.json') && !seen.previews.includes(each.document.getText())));
    seen.previews.push(shown.document.getText());
    await wish(moment);
    await wish('press Send once');
  };
  await take('Ask corp, which is not on this machine');
  await agree('preview');
  seen.answer = await answer('an answer from there', (said) => said.includes('It is not defined.') && said.includes('Policy'));

  await vscode.window.showTextDocument(editor.document, vscode.ViewColumn.One);
  const before = text();
  await take('Fix with corp');
  await agree('fix-preview');
  await step('its patch, restored and checked', () => text() !== before, 60000);
  seen.fixed = text();
  await vscode.window.showTextDocument(editor.document, vscode.ViewColumn.One);
  await vscode.commands.executeCommand('undo');
  await step('undo', () => text() !== seen.fixed);
  seen.undone = text();
};
