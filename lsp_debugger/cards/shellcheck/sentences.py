"""Findings whose card is one sentence about the code that they point at.

{code}: what the finding points at. {inner}: the command in its `$(…)` or backticks. {command}: the whole
command around. {line}: its line. {name}: the first variable in it. A sentence whose part the code does not
show is not said.
"""

from __future__ import annotations

import re

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.shellcheck.quoting import inner
from lsp_debugger.cards.shellcheck.script import quoted, statement, variable_of
from lsp_debugger.core.ask import Card

_PLACE = re.compile(r"\{(code|inner|command|line|name)\}")

SENTENCES = {
    "1010": "A `;` or a new line is missing in {line}: the keyword is taken for an argument.",
    "1017": "The line {line} ends with a carriage return, as on Windows, which the shell takes for "
    "a part of it.",
    "1019": "Behind the operator in {line} there is no word that it could be about.",
    "1020": "A blank is missing before the closing bracket of {line}.",
    "1033": "{line} opens with `[[` and closes with `]`.",
    "1034": "{line} opens with `[` and closes with `]]`.",
    "1035": "A blank is missing in {line}: `[` is a command, so one has to stand behind it.",
    "1036": "No parenthesis can stand where {line} has one; as a part of a text it needs quotes.",
    "1037": "In {line} the shell takes `$1` and then a digit as text; from ten on an argument needs "
    "braces: `${10}`.",
    "1045": "`&` in {line} ends the command already, so no `;` may follow.",
    "1048": "A branch that ends at {line} is empty; `:` is a command that does nothing.",
    "1051": "`then` in {line} needs no `;` behind it.",
    "1065": "The parentheses in {line} stay empty in a shell: arguments are `$1`, `$2` and so on.",
    "1071": "Line 1, {line}, names a program that is none of the shells that shellcheck reads.",
    "1074": "`;;` is missing before {line}: each branch of a `case` ends with it.",
    "1075": "`else if` in {line} begins an `if` in the `else`, with a `fi` of its own; `elif` needs none.",
    "1083": "The brace in {line} is no grouping here, it is passed on as a letter.",
    "1086": "`for` in {line} takes a name, not the value of a variable: no `$`.",
    "1087": "The index in {line} is text behind the first element: an array's element needs braces.",
    "1097": "`==` in {line} is no assignment; a comparison needs `[ … ]` around it.",
    "1109": "{line} has a character in HTML's notation, as when it was copied from a page.",
    "1110": "The quote in {line} is a typographic one, which the shell takes for a letter.",
    "1115": "Line 1, {line}, is a comment: no blank may stand between `#` and `!`.",
    "1126": "The directive in {line} has to stand on a line of its own before the command.",
    "1127": "{code} begins no comment in a shell, it is run as a command.",
    "1128": "{line} counts in line 1 only; here it is a comment.",
    "2001": "{code} starts two processes for what `${variable//search/replace}` does by itself.",
    "2002": "{code} only hands a file on: the next command can read it itself.",
    "2003": "{command} starts a program for what `$((…))` calculates by itself.",
    "2004": "{code} needs no `$` in arithmetic: names are read as variables there.",
    "2005": "`echo` prints what {inner} prints anyway.",
    "2007": "{code} is bash's old notation for `$((…))`.",
    "2009": "{code} piped into `grep` finds the `grep` itself too; `pgrep` does not.",
    "2010": "{code} is read by `grep` line by line: a name with a line feed in it is two.",
    "2011": "Names from {code} reach `xargs` in pieces where they have blanks or quotes.",
    "2012": "{code} is made for reading: names with line feeds or odd letters come out changed.",
    "2013": "The loop gets the words that {inner} prints, not its lines, and expands `*` in them.",
    "2015": "If what stands between {code} and `||` fails, what follows `||` is run too: this is no "
    "if-then-else.",
    "2018": "{code} is the letters of English only, and of some other alphabet in other locales.",
    "2019": "{code} is the letters of English only, and of some other alphabet in other locales.",
    "2020": "{code} is a set of letters for `tr`, not a word: letters that occur twice count once.",
    "2022": "In {code} `*` repeats the letter before it; as a regular expression, anything is `.*`.",
    "2024": "The file behind {code} is opened by this shell with its own rights, before `sudo` is started.",
    "2026": "{code} stands outside of the quotes: they end before it and begin anew behind it.",
    "2036": "{code} is set for this pipe's first command only, not to what the pipe prints.",
    "2038": "Names from {code} reach `xargs` in pieces where they have blanks or quotes.",
    "2042": "{code} is one word: the loop's values stand apart by blanks, not commas.",
    "2043": "{code} is one word, so the loop is run once.",
    "2044": "The names that {inner} prints are split at blanks: `a b.txt` becomes two rounds.",
    "2045": "What {inner} prints is split at blanks: `a b.txt` becomes two rounds.",
    "2049": "{code} is a regular expression behind `=~`, and looks like a pattern for names of files.",
    "2050": "Both sides of {code} in {command} are fixed, so the answer is always the same.",
    "2051": "{code} is not counted through: braces are expanded before variables.",
    "2055": "Of two `!=` with {code} between them one is always true.",
    "2060": "{code} is a pattern: where a file of one letter fits, `tr` gets its name.",
    "2061": "{code} is expanded to names of files before `find` is started.",
    "2062": "{code} is expanded to names of files, where some fit, before `grep` is started.",
    "2063": "{code} is read as a regular expression by `grep`, and looks like a pattern for names of files.",
    "2066": "{code} in double quotes is one word, so the loop is run once.",
    "2067": "`-exec` has no end in {command}: `\\;` or `+` as a word of its own.",
    "2072": "{code} is no whole number, and the shell compares whole numbers only.",
    "2074": "{code} is known in `[[ … ]]` only.",
    "2079": "{code} is no whole number, and the shell calculates with whole numbers only.",
    "2080": "{code} begins with 0 and so is octal: 8 and 9 are no digits of it.",
    "2081": "{code} is compared letter by letter in `[ … ]`: patterns work in `[[ … ]]` and `case`.",
    "2084": "The number that {code} comes to is run as a command.",
    "2088": "{code} in quotes is no home folder: the shell leaves the `~` as it is.",
    "2100": "{code} is stored as text, nothing is calculated.",
    "2107": "{code} ends the command `[` in {command}, so its bracket is not closed.",
    "2108": "{code} is no operator in `[[ … ]]`: `&&` is.",
    "2110": "{code} is no operator in `[[ … ]]`: `||` is.",
    "2112": "{code} is the notation of some shells; a name with `()` is that of all.",
    "2113": "{code} is the notation of some shells; a name with `()` is that of all.",
    "2116": "{code} prints a text to have it taken up again: the text alone does.",
    "2117": "`su` starts a shell and waits; the lines below {line} run afterwards, as the user of before.",
    "2124": "{code} is joined to one text here: where an argument ends is lost.",
    "2125": "{code} is stored as it is: patterns and braces are not expanded in an assignment.",
    "2126": "{code} can count by itself: `grep -c`.",
    "2139": "{code} is expanded when the alias is made, not when it is used.",
    "2142": "{code} puts its arguments at the end and knows no `$1`: a function does.",
    "2143": "{command} reads all output to see whether there is any; `grep -q` stops at the first.",
    "2145": "{code} in the middle of a text makes several words of it: one for each element.",
    "2147": "`~` in {code} is not the home folder for each program that reads PATH; `$HOME` is.",
    "2152": "{code} is no status: `return` gives a number from 0 to 255, and output is for everything else.",
    "2158": "`[ {code} ]` is true: `false` is only a text that is not empty.",
    "2159": "`[ {code} ]` is true: `0` is only a text that is not empty.",
    "2160": "`[ {code} ]` is true since the text is not empty, whatever it says.",
    "2166": "{code} in a test is read differently by different shells when an operand looks like an "
    "operator.",
    "2168": "{code} is used outside of a function, where there is nothing that it could be local to.",
    "2173": "{code} ends the process before it could run a trap.",
    "2182": "{code} has no `%s` or other place for a value: what follows is not printed.",
    "2184": "{code} is a pattern too: where a file fits, `unset` gets its name.",
    "2186": "{code} is not everywhere, and leaves a gap between name and file; `mktemp` makes the "
    "file at once.",
    "2194": "{code} is a fixed text: a `$` may be missing.",
    "2195": "{code} fits nothing that the word of this `case` can be.",
    "2196": "{code} is an old name for `grep -E`, and newer ones warn of it.",
    "2197": "{code} is an old name for `grep -F`, and newer ones warn of it.",
    "2198": "{code} becomes several words in `[ … ]`, which takes one here.",
    "2199": "{code} is joined with blanks to one text in `[[ … ]]`.",
    "2209": "`{name}` is set to the word itself; `$(…)` would take what the program prints.",
    "2212": "An empty `[ ]` in {line} is false.",
    "2216": "{code} reads no input: what the pipe brings is lost.",
    "2219": "{command} is the old notation for `(( … ))`.",
    "2220": "An option that nobody knows comes as `?` and fits no pattern of this `case`: {line}.",
    "2224": "{command} names one file and no place where it is to go.",
    "2225": "{command} names one file and no place where it is to go.",
    "2230": "{code} is a program that differs from system to system; `command -v` is part of the shell.",
    "2232": "A builtin changes the shell that it runs in: {command} starts a process for it.",
    "2233": "{code} starts a shell for one test.",
    "2238": "{code} is a file here, not the program of that name: `|` passes output on.",
    "2243": "{code} is tested for being not empty; `-n` says so.",
    "2244": "{code} is tested for being not empty; `-n` says so.",
    "2248": "{code} has no quotes; its value happens to need none.",
    "2249": "No pattern of {line} takes what the others leave: nothing is run then.",
    "2250": "{code} is clearer with braces where text follows.",
    "2251": "`!` in {line} hides its failure from `set -e`, whatever the command does.",
    "2254": "{code} without quotes is a pattern here: `*` or `?` in its value fit anything.",
    "2262": "{code} does not count yet for commands in the same line or block.",
    "2263": "{code} is not the alias here: that is made in the same line or block.",
    "2264": "{code} calls the function that it stands in, without end.",
    "2268": "The letter in front in {code} was for shells of long ago.",
    "2273": "{code} looks like the mark of a conflict that a merge has left.",
    "2275": "{code} is run as a command.",
    "2276": "{code} is run as a command: the name has a letter that a variable may not have.",
    "2282": "{code} is run as a command: no variable begins with a digit.",
    "2286": "An empty text is run as a command in {line}.",
    "2292": "{code} in bash is better `[[ … ]]`: nothing is split or expanded in it.",
    "2295": "{code} without quotes of its own is a pattern here.",
    "2322": "{code} has one pair of parentheses too many.",
    "2323": "{code} stands in parentheses that change nothing.",
    "2331": "{code} asks whether a file is there as `-e` does, and elsewhere means and.",
}


def sentence(case: Case) -> Card | None:
    said = SENTENCES.get(case.problem.code[-4:])
    if said is None:
        return None
    parts = {name: _part(case, name) for name in set(_PLACE.findall(said))}
    if not all(parts.values()):
        return None
    headline = _PLACE.sub(lambda match: parts[match[1]], said)
    return Card(headline[:1].upper() + headline[1:])


def _part(case: Case, name: str) -> str:
    found = {
        "code": lambda: case.code.split("\n", 1)[0],
        "inner": lambda: " ".join(inner(case).split()),
        "command": lambda: statement(case),
        "line": case.line_text.strip,
        "name": lambda: variable_of(case) or case.code,
    }[name]()
    if name == "name" or (name == "code" and case.problem.code[-4:] in _BARE):
        return found if found and "`" not in found and len(found) < 80 else ""
    return quoted(found) if found.strip() else ""


# Their sentences have the marks around it themselves.
_BARE = frozenset({"2158", "2159", "2160"})
