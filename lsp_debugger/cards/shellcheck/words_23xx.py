"""Shellcheck's codes from SC2300 on in our words."""

from __future__ import annotations

WORDS_23XX = {
    "2300": "An expansion works on a variable, not on a command's output; store that first.",
    "2301": "An expansion in braces begins with something that is no name; check its spelling.",
    "2302": 'The loop goes through an array\'s values; `"${!name[@]}"` gives its keys.',
    "2303": "The loop's variable is a value of the array, not a key of it; use it directly.",
    "2304": "An unquoted `*` is expanded to names of files; escape it, or use `$((…))`.",
    "2305": "An unquoted regular expression for `expr` may be expanded as a pattern; quote it.",
    "2306": "Special letters in what `expr` gets may be expanded to names of files; escape them.",
    "2307": "`expr` needs its operands and operators as words of their own; here is a single one.",
    "2308": "This function of `expr` may fail or differ between systems; shell expansions do the same.",
    "2309": "An operator for numbers takes a word for the name of a variable; compare texts with `=`.",
    "2310": "A function in a condition runs with `set -e` switched off in all of it; call it on a "
    "line of its own.",
    "2311": "Bash switches `set -e` off in command substitutions; set it again inside, or use "
    "`inherit_errexit`.",
    "2312": "The command's exit status is not seen by anything; run it on its own first.",
    "2313": "An index without quotes may be expanded as a pattern; quote it.",
    "2314": "In Bats a command with `!` before it does not fail its test unless it is last; use `run !`.",
    "2315": "In Bats a condition with `!` before it does not fail its test; put the `!` inside.",
    "2316": "A declaring builtin takes the one behind it for the name of a variable; use one of the "
    "two, or two lines.",
    "2317": "No way through the script leads to this command; an exit or return may stand too early.",
    "2318": "Assignments in one declaration are not seen by one another; use two commands.",
    "2319": "`$?` is that of the condition before it, not of an earlier command; save it in a variable.",
    "2320": "`$?` is that of the `echo` or `printf` before it; save the status in a variable first.",
    "2321": "An index is arithmetic already; `$((…))` in it changes nothing.",
    "2322": "Arithmetic has one pair of parentheses more than it needs.",
    "2323": "Parentheses around a whole arithmetic expression change nothing.",
    "2324": "`+=` joins texts unless the variable is declared an integer; `(( name += 1 ))` adds.",
    "2325": "Several `!` before a command are an extension of some shells; use one or none.",
    "2326": "`!` negates a whole pipe and cannot stand in the middle; group the part in braces.",
    "2327": "The output is redirected away inside, so the substitution is empty.",
    "2328": "This redirection takes the output away that the substitution is to get.",
    "2329": "Nothing calls the function; remove it, or note that it is called in an indirect way.",
    "2330": "BusyBox has `[[ ]]` without patterns; `case` has them.",
    "2331": "`-a` for an existing file is easily confused with and; `-e` is standard.",
    "2332": "With `!` before it, `-a` or `-o` joins two words as and, or; use `-e`, or `[[ ]]`.",
    "2333": "Two comparisons joined this way can never both hold; or may be meant.",
    "2334": "Two comparisons joined this way can never both hold; or may be meant.",
    "2335": "A negated comparison has a direct opposite; use that.",
    "2336": "What `cp -r` does with special files and links differs between systems; `-R` is defined.",
}
