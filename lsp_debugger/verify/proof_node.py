"""How Node tells what it ran: its debugger, inside of the process and without a port, names every script that
is parsed, whichever module system, loader or test runner brought it.
"""

from __future__ import annotations

REQUIRED = r""""use strict";
const crypto = require("crypto"), fs = require("fs"), inspector = require("inspector");
const path = require("path"), url = require("url"), thread = require("worker_threads").threadId;
const names = new Set(process.env.LSPD_FILES.split("\n")), into = process.env.LSPD_PROOF;
const before = new Set(process.env.LSPD_BEFORE.split(" "));
const bases = new Set([...names].map((name) => path.basename(name)));
const digest = (data) => crypto.createHash("sha256").update(data).digest("hex");
function tell(how, file) {
  fs.appendFileSync(path.join(into, `node-${process.pid}-${thread}.loaded`), `${how} ${file}\n`);
}
function real(place) {
  try { return fs.realpathSync(place.startsWith("file:") ? url.fileURLToPath(place) : place); }
  catch { return ""; }
}
if (process.execArgv.some((word) => word === "--check" || word === "-c")) return;  // parsed, and not run
const session = new inspector.Session();
try { session.connect(); } catch { return; }  // a process that runs tests in others has no debugger
session.on("Debugger.scriptParsed", ({ params }) => {
  const place = params.url.split("?")[0];
  if (!bases.has(decodeURIComponent(path.basename(place)))) return;
  const file = real(place);
  if (!file) return;
  const now = digest(fs.readFileSync(file));
  if (names.has(file)) { tell(now, file); return; }
  if (!before.has(now)) return;
  for (const name of names) if (path.basename(name) === path.basename(file)) tell("!", name);
});
session.post("Debugger.enable");
"""
