"""Findings of shellcheck, also as bash-language-server and other servers report them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.family import Family, from_sources
from lsp_debugger.cards.generic import generic
from lsp_debugger.cards.shellcheck import (
    arrays,
    commands,
    control,
    functions,
    parse,
    portability,
    quoting,
    redirections,
    subshells,
    variables,
)
from lsp_debugger.cards.shellcheck.sentences import sentence
from lsp_debugger.cards.shellcheck.words import WORDS
from lsp_debugger.core.ask import Card

RULES: Mapping[str, Callable[[Case], Card | None]] = {
    "1007": commands.blank_after_equals,
    "1009": parse.not_read,
    "1011": parse.apostrophe,
    "1039": parse.heredoc,
    "1040": parse.heredoc,
    "1041": parse.heredoc,
    "1043": parse.heredoc,
    "1044": parse.heredoc,
    "1046": parse.open_if,
    "1047": parse.expected_fi,
    "1049": parse.no_then,
    "1050": parse.expected_keyword,
    "1056": parse.expected_brace,
    "1057": parse.no_do,
    "1058": parse.expected_keyword,
    "1061": parse.open_do,
    "1062": parse.expected_done,
    "1070": parse.stopped,
    "1072": parse.stopped,
    "1073": parse.not_read,
    "1078": parse.open_quote,
    "1079": parse.closing_quote,
    "1088": parse.stopped,
    "1089": parse.stopped,
    "1090": commands.not_followed,
    "1091": commands.not_followed,
    "1101": parse.blank_line_break,
    "2006": commands.backticks,
    "2016": quoting.single_quotes,
    "2027": quoting.outside,
    "2028": quoting.echo_escape,
    "2029": quoting.remote,
    "2030": subshells.lost_setting,
    "2031": subshells.read_after,
    "2032": functions.outside_call,
    "2033": functions.outside_call,
    "2034": variables.unused,
    "2035": quoting.dashes,
    "2046": quoting.split_output,
    "2048": quoting.all_arguments,
    "2053": quoting.pattern_side,
    "2059": quoting.format_string,
    "2064": quoting.trap_now,
    "2068": quoting.all_arguments,
    "2069": redirections.order_of_redirections,
    "2070": commands.always_set,
    "2071": commands.text_comparison,
    "2076": commands.literal_regex,
    "2077": commands.no_operand,
    "2086": quoting.unquoted,
    "2089": arrays.literal_quotes,
    "2090": arrays.literal_quotes,
    "2091": commands.run_output,
    "2092": commands.run_output,
    "2094": redirections.same_file,
    "2095": control.eaten_input,
    "2097": variables.prefix,
    "2098": variables.prefix,
    "2103": control.change_back,
    "2106": control.leaves_subshell,
    "2115": quoting.deletes_root,
    "2119": functions.call_without,
    "2120": functions.never_given,
    "2128": arrays.first_element,
    "2129": redirections.many_appends,
    "2144": commands.no_globs,
    "2148": commands.no_shebang,
    "2154": variables.unassigned,
    "2155": variables.masked_status,
    "2162": commands.without_backslash,
    "2164": control.change_folder,
    "2174": commands.mode_of_deepest,
    "2178": variables.array_overwritten,
    "2179": variables.array_overwritten,
    "2181": control.status_later,
    "2183": commands.printf_arguments,
    "2188": redirections.redirection_alone,
    "2206": arrays.array_from_text,
    "2207": arrays.array_from_text,
    "2213": control.unhandled_option,
    "2214": control.unknown_option,
    "2215": control.flag_as_command,
    "2218": functions.defined_later,
    "2221": control.pattern_first,
    "2222": control.pattern_later,
    "2242": commands.status_range,
    "2152": commands.status_range,
    "2259": redirections.overrides_pipe,
    "2260": redirections.overrides_pipe,
    "2261": redirections.competing,
    "2269": variables.itself,
    "2281": commands.dollar_left,
    "2283": commands.spaced_assignment,
    "2285": commands.spaced_assignment,
    "2290": commands.spaced_assignment,
    "2294": arrays.evaluated,
    "2310": functions.errexit_off,
    "2311": functions.errexit_off,
    "2312": control.masked,
    "2317": control.unreachable,
    "2320": control.status_of_output,
    "2324": variables.appended_number,
    "2329": functions.never_called,
}
_CODE = re.compile(r"(?:SC)?(?P<digits>\d{4})$", re.IGNORECASE)
_TAIL = re.compile(r"\[?SC(?P<digits>\d{4})\]?\s*$")
_PAGE = "https://www.shellcheck.net/wiki/SC"


def digits_of(code: str, message: str = "") -> str:
    """The four digits; some publishers leave the code to the end of the message."""
    match = _CODE.match(code) if code else _TAIL.search(message[-12:])
    return match["digits"] if match is not None else ""


def card(case: Case) -> Card:
    """The card, with our own words about the rule: shellcheck has none that it could print."""
    digits = digits_of(case.problem.code, case.problem.message)
    own = replace(case, problem=replace(case.problem, code=f"SC{digits}")) if digits else case
    words = WORDS.get(digits, "")
    return replace(
        _made(own, digits) or generic(case),
        rule_text=f"SC{digits}: {words}" if words else "",
        href=f"{_PAGE}{digits}" if digits else None,
    )


def _made(case: Case, digits: str) -> Card | None:
    if not case.is_in_text:
        return None
    if digits == "2039" or digits.startswith("3"):
        return portability.missing(case)
    make = RULES.get(digits)
    made = make(case) if make is not None else None
    return made or sentence(case)


FAMILY = Family(from_sources("shellcheck"), card)
