"""Shellcheck's codes from SC2000 to SC2099 in our words."""

from __future__ import annotations

WORDS_20XX = {
    "2000": "Counting a variable's letters with `wc` starts programs for it; `${#name}` is the number.",
    "2001": "`sed` on one variable starts programs for it; `${name//search/replace}` does simple "
    "replacements in the shell.",
    "2002": "`cat` with one file only copies it into a pipe; redirect the file, or name it as an argument.",
    "2003": "`expr` is a program from before shells could calculate; `$((…))` and `${…}` do it without one.",
    "2004": "Inside of arithmetic a variable is known by its name; the `$` is not needed.",
    "2005": "A command's output that is only echoed can be left to the command, which prints it anyway.",
    "2006": "Backticks need escapes when nested and are easily overlooked; `$(…)` does the same "
    "without them.",
    "2007": "`$[…]` is an old notation of bash alone; `$((…))` works in all shells.",
    "2008": "`echo` reads no input, so what is piped into it is lost; `cat` may be meant.",
    "2009": "Searching the output of `ps` also finds the search; `pgrep` looks at processes directly.",
    "2010": "Filtering `ls` breaks with unusual names; a pattern, or a loop with a test, sees names "
    "as they are.",
    "2011": "Names that `ls` prints are split at blanks by `xargs`; let `find` run the command or "
    "end names with a zero byte.",
    "2012": "The output of `ls` is for people and changes unusual names; `find` or a pattern gives "
    "names unchanged.",
    "2013": "A `for` over a file's content gets its words; a `while read` loop gets its lines.",
    "2014": "The substitution is expanded once before `find` starts, not for each file; run `sh -c` "
    "for each.",
    "2015": "`A && B || C` runs C also when B fails; `if A; then B; else C; fi` does not.",
    "2016": "Nothing is expanded in single quotes; use double quotes if the value is meant.",
    "2017": "Whole-number division cuts early here; multiply first, then divide.",
    "2018": "A range of letters for `tr` knows no accents and depends on the locale; `[:lower:]` "
    "names the class.",
    "2019": "A range of letters for `tr` knows no accents and depends on the locale; `[:upper:]` "
    "names the class.",
    "2020": "`tr` exchanges single letters, it knows no words; for words use `sed`.",
    "2021": "`tr` takes brackets around a range as letters to replace; write the range without them.",
    "2022": "In a regular expression `*` repeats what comes before it; as in names of files, `.*` "
    "is anything.",
    "2023": "The shell has a `time` of its own with other options; `command time` runs the program.",
    "2024": "A redirection is done by the shell before `sudo` starts, without its rights; pipe into "
    "`sudo tee`.",
    "2025": "Colours in a prompt have to stand within `\\[` and `\\]`, or the shell miscounts the "
    "line's width.",
    "2026": "A word between two quoted parts is not quoted itself; nest other quotes, or escape them.",
    "2027": "The inner quotes end the outer string, so the variable between them is unquoted; "
    "escape or remove them.",
    "2028": "Whether `echo` expands escapes differs between shells; `printf` always does.",
    "2029": "Double quotes are expanded on this machine before `ssh` sends the command; escape what "
    "the other is to expand.",
    "2030": "A change that is made in a subshell is gone with it; see what around it starts one.",
    "2031": "The variable was changed in a subshell only, so the old value is read here.",
    "2032": "A function is known to its shell only; another program cannot call it by name.",
    "2033": "A function is known to its shell only; give other programs a script, or `sh -c` with the code.",
    "2034": "A variable that nothing reads is left over or misspelt; remove it, use it, or export it.",
    "2035": "A file whose name begins with a dash is taken for an option; `./*` or `--` before it "
    "prevents that.",
    "2036": "The variable gets only the first word here; a pipe's output is taken by `name=$(a | b)`.",
    "2037": "The assignment holds for one command, which is run; to keep output write `name=$(command)`.",
    "2038": "`xargs` splits names at blanks and quotes; use `-print0` with `-0`, or `-exec … +`.",
    "2039": "Something that POSIX does not define is used in a script for `sh`; change the first "
    "line or the code.",
    "2040": "A shell that is called `sh` is expected here, and it may lack what the script uses.",
    "2041": "The quoted text is one literal word; `$(…)` runs it and goes through its output.",
    "2042": "Commas do not separate a loop's values; blanks do.",
    "2043": "The loop has one value and runs once; a pattern, a `$` or fewer quotes may be meant.",
    "2044": "Names that `find` prints are split at blanks; use `-exec`, or a `while read` loop with "
    "zero bytes.",
    "2045": "Names that `ls` prints are split at blanks and may be changed; loop over a pattern "
    "such as `*.txt`.",
    "2046": "Output without quotes is split into words and expanded as patterns; put double quotes "
    "around it.",
    "2048": 'Without quotes arguments are split once more; `"$@"` passes each as it came.',
    "2049": "`=~` takes a regular expression; for a pattern of names use `=` or `==`.",
    "2050": "Nothing in this test can change, so it always has one result; a `$` may be missing.",
    "2051": "Braces are expanded before variables, so a range cannot have one; count with `seq` or "
    "`for ((…))`.",
    "2052": "The right side is a pattern only without quotes and in `[[ ]]`.",
    "2053": "Without quotes the right side in `[[ ]]` is a pattern; quote it to compare the text.",
    "2054": "Commas are part of an array's elements; separate elements by blanks.",
    "2055": "A value differs from one of two others always; `&&` says that it is neither.",
    "2056": "A value differs from one of two others always; `&&` says that it is neither.",
    "2057": "The test has an operator for two words that the shell does not know; check its spelling.",
    "2058": "The test has an operator for one word that the shell does not know; check its spelling.",
    "2059": "A value in the format of `printf` is obeyed like one; print it through `%s`.",
    "2060": "Brackets without quotes may be expanded to the name of a file; quote what `tr` gets.",
    "2061": "The shell expands the pattern before `find` sees it; quote it.",
    "2062": "The shell may expand the expression as a pattern before `grep` sees it; quote it.",
    "2063": "`grep` takes regular expressions, where `*` alone means something else than in names of files.",
    "2064": "In double quotes a trap's variables are expanded when it is set; single quotes leave "
    "them for the signal.",
    "2065": "Outside of brackets `>` writes a file; compare with `-gt` or in `(( ))`.",
    "2066": "A quoted expansion is one word, so the loop runs once; leave the quotes out, or use an array.",
    "2067": "`-exec` needs `\\;` or `+` as a word of its own at its end; the shell's own `;` ends `find`.",
    "2068": "Array expansions without quotes are split into words again; quote them to keep elements whole.",
    "2069": "`2>&1` copies where output goes at that moment; put it behind the redirection of output.",
    "2070": "An empty variable without quotes leaves `-n` alone, which is true; quote it.",
    "2071": "`<` and `>` compare texts letter by letter; numbers are compared with `-lt` and `-gt`.",
    "2072": "The shell compares whole numbers only; use `bc` or `awk` for fractions.",
    "2073": "In `[ ]` an unescaped `<` or `>` is a redirection; escape it, or use `[[ ]]`.",
    "2074": "`[ ]` knows no regular expressions; `[[ ]]` of bash does.",
    "2075": "In `[[ ]]` the sign is an operator by itself; a backslash makes it something else.",
    "2076": "Quotes make a regular expression plain text; leave them out, or put it into a variable.",
    "2077": "Without blanks around it, the operator is part of one long word that is always true.",
    "2078": "The test has only a fixed text, so it is always true; a `$` may be missing.",
    "2079": "The shell calculates with whole numbers only; use `bc` or `awk` for fractions.",
    "2080": "Numbers with a leading zero are octal; remove it, or write `10#` before it.",
    "2081": "`[ ]` compares text and knows no patterns; use `[[ ]]` or `case`.",
    "2082": "`${$name}` does not exist; an array, `${!name}` or `eval` reads a variable by a computed name.",
    "2083": "A blank behind `./` makes the folder a command; write the path together.",
    "2084": "The result of arithmetic stands where a command is expected and is run; drop the `$`, "
    "or assign it.",
    "2086": "A variable without quotes is split into words and expanded as patterns; double quotes "
    "keep it whole.",
    "2087": "An unquoted end word has this machine expand the text that `ssh` gets; quote the word "
    "to prevent it.",
    "2088": "In quotes `~` is a plain character; use `$HOME`, or leave it outside of the quotes.",
    "2089": "Quotes inside of a value do not group words later; an array holds arguments as they are.",
    "2090": "The value has quotes that group nothing when it is used; hold the arguments in an array.",
    "2091": "A command's output is run as a command; without `$(…)` its status alone counts.",
    "2092": "A command's output is run as a command; without the backticks its status alone counts.",
    "2093": "`exec` replaces the shell, so nothing behind it runs; leave it out if the script is to go on.",
    "2094": "Writing to a file empties it before it is read; write elsewhere and rename.",
    "2095": "A command in the loop reads the loop's input and leaves nothing; give it other input, "
    "such as `/dev/null`.",
    "2096": "Most systems pass only one argument from the first line; set the others with `set`.",
    "2097": "An assignment before a command counts for that command, not for expansions on the same line.",
    "2098": "The assignment on this line is not seen here yet; make it on a line before.",
    "2099": "Assigning a formula stores text; `$((…))` calculates it.",
}
