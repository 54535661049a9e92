"""How Node tells what it ran: its debugger, inside of the process and without a port, names every script that
is parsed, whichever module system, loader or test runner brought it.

What was parsed may be another text than the file's: a cache's, or one that a compiler made. So that text is
looked at, and counts where it is the file's own, in a function or without its types, or where its source map
holds the file's own. All else is told as a doubt.
"""

from __future__ import annotations

REQUIRED = r""""use strict";
const crypto = require("crypto"), fs = require("fs"), inspector = require("inspector");
const path = require("path"), url = require("url"), thread = require("worker_threads").threadId;
const names = new Set(process.env.LSPD_FILES.split("\n")), into = process.env.LSPD_PROOF;
const before = new Set(process.env.LSPD_BEFORE.split(" "));
const bases = new Set([...names].map((name) => path.basename(name)));
const wrap = require("module").wrap, bare = (text) => text.replace(/^\uFEFF/, "").trimEnd();
const digest = (data) => crypto.createHash("sha256").update(data).digest("hex");
function tell(how, file) {
  fs.appendFileSync(path.join(into, `node-${process.pid}-${thread}.loaded`), `${how} ${file}\n`);
}
function withoutTypes(source, text) {  // blanks stand in their place
  if (source.length !== text.length) return false;
  for (let at = 0; at < text.length; at++)
    if (source[at] !== text[at] && source[at] !== " " && source[at] !== ";") return false;
  return source.trim() !== "";
}
function mapped(address, text) {
  const [head, data] = [address.slice(0, address.indexOf(",")), address.slice(address.indexOf(",") + 1)];
  if (!head.startsWith("data:")) return false;
  try {
    const map = JSON.parse(head.endsWith(";base64") ? Buffer.from(data, "base64") : decodeURIComponent(data));
    return (map.sourcesContent || []).length === 1 && bare(map.sourcesContent[0]) === text;
  } catch { return false; }
}
function isOf(params, text) {
  let source = "";
  session.post("Debugger.getScriptSource", { scriptId: params.scriptId }, (error, found) => {
    if (!error) source = found.scriptSource;
  });
  const read = bare(source), whole = bare(text);
  const enclosed = whole !== "" && read.startsWith("({") && read.includes(`{${whole}`);
  return read === whole || read === bare(wrap(text)) || enclosed || withoutTypes(read, whole)
    || mapped(params.sourceMapURL || "", whole);
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
  const data = fs.readFileSync(file), now = digest(data);
  if (names.has(file)) { tell(isOf(params, data.toString()) ? now : "!", file); return; }
  if (!before.has(now)) return;
  for (const name of names) if (path.basename(name) === path.basename(file)) tell("!", name);
});
session.post("Debugger.enable");
"""
