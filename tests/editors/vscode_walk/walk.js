// The whole walk.
const vscode = require('vscode');
const fs = require('node:fs');
const stepsOf = require('./steps');

module.exports = async (context, seen) => {
  const { step, wish, lint, choose: chooseAt } = stepsOf(seen);
  const uri = vscode.Uri.file(process.env.WALK_FILE);
  const editor = await vscode.window.showTextDocument(uri);
  const text = () => editor.document.getText();
  const collection = vscode.languages.createDiagnosticCollection('ruff');
  context.subscriptions.push(collection);
  const found = lint(uri, collection);
  seen.finding = found.message;
  const place = found.range;
  editor.selection = new vscode.Selection(place.start, place.start);

  seen.hover = await step('the card in the hover', async () => {
    const hovers = await vscode.commands.executeCommand('vscode.executeHoverProvider', uri, place.start);
    const said = hovers.flatMap((each) => each.contents).map((each) => each.value ?? each).join('\n');
    return said.includes('never imported') && said;
  });
  const choose = (wanted) => chooseAt(uri, place, wanted);

  const explain = await choose('Explain: ');
  seen.first_menu = seen.menu;
  const sizes = [];
  const isAnswer = (document) => document.uri.scheme === 'lspdbg';
  context.subscriptions.push(vscode.workspace.onDidChangeTextDocument((event) => {
    if (isAnswer(event.document)) {
      sizes.push(event.document.getText().length);
    }
  }));
  await vscode.commands.executeCommand(explain.command.command, ...explain.command.arguments);
  const answer = await step('the answer', () => vscode.workspace.textDocuments.find(isAnswer));
  await step('an answer that grows', () => new Set(sizes).size > 3, 60000);
  seen.grew_before_the_end = !answer.getText().includes('Stopped');
  await wish('answer');
  seen.cancelled_at = Date.now() / 1000;
  await vscode.commands.executeCommand('lsp-debugger.cancel');
  await step('the cancel', () => answer.getText().includes('Stopped'));
  seen.answer = answer.getText();
  await step('the cursor where it was', () => vscode.window.activeTextEditor?.document === editor.document, 5000);
  seen.cursor_stays = true;
  const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
  seen.tabs = tabs.map((tab) => [tab.input?.viewType ?? '', tab.label]);

  const fix = await choose('Add `import math`');
  await vscode.workspace.applyEdit(fix.edit);
  await step('its edit', () => text().startsWith('import math'));
  seen.fixed = text();
  await vscode.commands.executeCommand('undo');
  await step('undo', () => !text().startsWith('import math'));
  seen.undone = text();

  // The rest with a model that is scripted: what it says is known.
  fs.copyFileSync(process.env.WALK_OTHER_SETTINGS, process.env.WALK_SETTINGS);
  await vscode.commands.executeCommand('lsp-debugger.restart');
  lint(uri, collection);
  const again = await choose('Explain: ');
  await vscode.commands.executeCommand(again.command.command, ...again.command.arguments);
  const whole = await step('a whole answer', () => vscode.workspace.textDocuments.find(
    (each) => isAnswer(each) && each !== answer && each.getText().includes('Policy')));
  seen.whole_answer = whole.getText();
  const end = new vscode.Position(1, 0);
  editor.selection = new vscode.Selection(end, end);
  await wish('whole-answer');
  await step('the place that a link in it names', () => vscode.window.visibleTextEditors.some(
    (each) => each.document === editor.document && each.selection.active.line === 0));
  await vscode.window.showTextDocument(editor.document, vscode.ViewColumn.One);
  const asked = await choose('Fix with the model: ');
  await vscode.commands.executeCommand(asked.command.command, ...asked.command.arguments);
  await step('its edit, once it was checked', () => text() !== seen.undone, 60000);
  seen.fixed_by_model = text();
  await vscode.commands.executeCommand('undo');
  await step('undo again', () => text() !== seen.fixed_by_model);
  seen.undone_again = text();
};
