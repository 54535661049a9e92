// The whole walk inside a real VS Code, beside our extension. Writes what was seen to $WALK_RESULTS as one JSON object.
const vscode = require('vscode');
const fs = require('node:fs');
const { execFileSync } = require('node:child_process');

const seen = { steps: [], vscode: vscode.version };

async function step(name, look, ms = 30000) {
  const end = Date.now() + ms;
  for (;;) {
    const came = await look();
    if (came) {
      seen.steps.push(name);
      return came;
    }
    if (Date.now() > end) {
      throw new Error(`${name} did not come`);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Have the window kept as it is now. */
async function picture(moment) {
  const file = process.env.WALK_PICTURE;
  fs.writeFileSync(`${file}.new`, moment);
  fs.renameSync(`${file}.new`, file);
  await step(`the picture of ${moment}`, () => !fs.existsSync(file), 10000);
}

/** What a linter's extension does: run it, and show what it found as its own. */
function lint(uri, collection) {
  const argv = ['check', '--isolated', '--no-cache', '--exit-zero', '--output-format', 'json', uri.fsPath];
  const found = JSON.parse(execFileSync(process.env.WALK_RUFF, argv, { encoding: 'utf8' }));
  const line = fs.readFileSync(uri.fsPath, 'utf8').split('\n')[0];
  const units = (column) => [...line].slice(0, column - 1).join('').length; // ruff counts characters
  collection.set(uri, found.map((each) => {
    const range = new vscode.Range(0, units(each.location.column), 0, units(each.end_location.column));
    const diagnostic = new vscode.Diagnostic(range, each.message, vscode.DiagnosticSeverity.Error);
    diagnostic.source = 'Ruff';
    diagnostic.code = each.code;
    return diagnostic;
  }));
}

async function walk(context) {
  const uri = vscode.Uri.file(process.env.WALK_FILE);
  const editor = await vscode.window.showTextDocument(uri);
  const text = () => editor.document.getText();
  const collection = vscode.languages.createDiagnosticCollection('ruff');
  context.subscriptions.push(collection);
  lint(uri, collection);
  const found = vscode.languages.getDiagnostics(uri).find((each) => each.code === 'F821');
  seen.finding = found.message;
  const place = found.range;
  editor.selection = new vscode.Selection(place.start, place.start);

  seen.hover = await step('the card in the hover', async () => {
    const hovers = await vscode.commands.executeCommand('vscode.executeHoverProvider', uri, place.start);
    const said = hovers.flatMap((each) => each.contents).map((each) => each.value ?? each).join('\n');
    return said.includes('never imported') && said;
  });
  const list = () => vscode.commands.executeCommand('vscode.executeCodeActionProvider', uri, place, undefined, 20);
  const choose = (wanted) =>
    step(wanted, async () => {
      const actions = await list();
      seen.menu = actions.map((each) => each.title);
      return actions.find((each) => each.title.startsWith(wanted));
    });

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
  await picture('answer');
  seen.cancelled_at = Date.now() / 1000;
  await vscode.commands.executeCommand('lsp-debugger.cancel');
  await step('the cancel', () => answer.getText().includes('Stopped'));
  seen.answer = answer.getText();
  await step('the cursor where it was', () => vscode.window.activeTextEditor?.document === editor.document, 5000);
  seen.cursor_stays = true;
  seen.tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs).map((tab) => tab.input?.viewType ?? tab.label);

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
  await picture('whole-answer');
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
}

exports.activate = (context) => {
  walk(context)
    .catch((error) => { seen.error = String(error.stack); })
    .finally(() => {
      fs.writeFileSync(`${process.env.WALK_RESULTS}.new`, JSON.stringify(seen));
      fs.renameSync(`${process.env.WALK_RESULTS}.new`, process.env.WALK_RESULTS);
    });
};
