// No server is there: it is offered, installed after a click, found where uv puts programs, and started.
const vscode = require('vscode');
const stepsOf = require('./steps');

module.exports = async (_, seen) => {
  const { wish } = stepsOf(seen);
  const api = await vscode.extensions.getExtension('lsp-debugger.lsp-debugger').activate();
  await wish('press Install with uv');
  seen.started = await api.started;
};
