// Runs one of the scripts beside our extension, inside a real VS Code: $WALK_SCRIPT says which. What it saw goes to
// $WALK_RESULTS as one JSON object.
const vscode = require('vscode');
const fs = require('node:fs');

exports.activate = (context) => {
  const seen = { steps: [], vscode: vscode.version };
  require(`./${process.env.WALK_SCRIPT}.js`)(context, seen)
    .catch((error) => { seen.error = String(error.stack); })
    .finally(() => {
      fs.writeFileSync(`${process.env.WALK_RESULTS}.new`, JSON.stringify(seen));
      fs.renameSync(`${process.env.WALK_RESULTS}.new`, process.env.WALK_RESULTS);
    });
};
