// What the scripts share: steps that are waited for, wishes that the driver of the browser fulfils, a linter.
const vscode = require('vscode');
const fs = require('node:fs');
const { execFileSync } = require('node:child_process');

module.exports = (seen) => {
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

  /** Have the window kept as it is now, or a button of it pressed: `press LABEL`. */
  async function wish(wanted) {
    const file = process.env.WALK_PICTURE;
    fs.writeFileSync(`${file}.new`, wanted);
    fs.renameSync(`${file}.new`, file);
    await step(`the wish for ${wanted}`, () => !fs.existsSync(file), 20000);
  }

  /** Take an action of ours or of others out of the list for a place. */
  function choose(uri, place, wanted) {
    return step(wanted, async () => {
      const actions = await vscode.commands.executeCommand('vscode.executeCodeActionProvider', uri, place, undefined, 20);
      seen.menu = actions.map((each) => each.title);
      return actions.find((each) => each.title.startsWith(wanted));
    });
  }

  return { step, wish, choose, lint };
};

/** What a linter's extension does: run it, and show what it found as its own. Returns the undefined name. */
function lint(uri, collection) {
  const argv = ['check', '--isolated', '--no-cache', '--exit-zero', '--output-format', 'json', uri.fsPath];
  const found = JSON.parse(execFileSync(process.env.WALK_RUFF, argv, { encoding: 'utf8' }));
  const lines = fs.readFileSync(uri.fsPath, 'utf8').split('\n');
  const position = ({ row, column }) => // ruff counts characters
    new vscode.Position(row - 1, [...lines[row - 1]].slice(0, column - 1).join('').length);
  collection.set(uri, found.map((each) => {
    const range = new vscode.Range(position(each.location), position(each.end_location));
    const diagnostic = new vscode.Diagnostic(range, each.message, vscode.DiagnosticSeverity.Error);
    diagnostic.source = 'Ruff';
    diagnostic.code = each.code;
    return diagnostic;
  }));
  return vscode.languages.getDiagnostics(uri).find((each) => each.code === 'F821');
}
