// No server is there: a button of what is said then is pressed, $WALK_BUTTON, and the server started if there is one now.
const vscode = require('vscode');
const stepsOf = require('./steps');

module.exports = async (_, seen) => {
  const { wish } = stepsOf(seen);
  const api = await vscode.extensions.getExtension('lsp-debugger.lsp-debugger').activate();
  await wish(`press ${process.env.WALK_BUTTON}`);
  seen.started = await api.started;
};
