"""Findings of ruff. Rules without a function here show their message and ruff's own explanation."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.family import Family, from_sources
from lsp_debugger.cards.python import effects
from lsp_debugger.cards.ruff import bugs, hazards, misreadings, names, results, security, syntax, texts
from lsp_debugger.core.ask import Card

RULES: Mapping[str, Callable[[Case], Card | None]] = {
    "A001": misreadings.hidden_builtin,
    "A002": misreadings.hidden_builtin,
    "ANN201": results.missing_result,
    "ANN202": results.missing_result,
    "ANN204": results.missing_result,
    "ANN205": results.missing_result,
    "ANN206": results.missing_result,
    "ASYNC210": hazards.blocking_call,
    "ASYNC212": hazards.blocking_call,
    "ASYNC220": hazards.blocking_call,
    "ASYNC221": hazards.blocking_call,
    "ASYNC222": hazards.blocking_call,
    "ASYNC230": hazards.blocking_call,
    "ASYNC251": hazards.blocking_call,
    "B006": bugs.mutable_default,
    "B008": bugs.call_in_default,
    "B012": hazards.return_in_finally,
    "B015": effects.unused_expression,
    "B018": effects.unused_expression,
    "B019": hazards.cached_method,
    "B020": hazards.iterated_overwritten,
    "B023": bugs.loop_variable,
    "B904": bugs.raise_without_from,
    "BLE001": hazards.blind_except,
    "E402": misreadings.import_below_code,
    "E711": bugs.comparison_to_none,
    "E712": bugs.comparison_to_bool,
    "E721": misreadings.type_comparison,
    "E722": bugs.bare_except,
    "E999": syntax.broken,
    "F401": names.unused_import,
    "F405": misreadings.star_name,
    "F601": misreadings.repeated_key,
    "F631": effects.assert_tuple,
    "F632": misreadings.is_literal,
    "F811": names.redefinition,
    "F821": names.undefined,
    "F822": names.missing_export,
    "F823": names.read_too_early,
    "F841": names.unused_variable,
    "PLW0603": hazards.global_changed,
    "PLW1510": hazards.unchecked_program,
    "PLW2901": hazards.loop_variable_overwritten,
    "RUF006": hazards.task_not_kept,
    "RUF012": hazards.shared_attribute,
    "SIM115": hazards.file_not_closed,
    "TRY400": hazards.error_without_trace,
    "W605": effects.escape,
    "invalid-syntax": syntax.broken,
}
_SECURITY = re.compile(r"S\d+$")


def card(case: Case) -> Card | None:
    """None for rules that have no function, and where the function sees nothing that it is sure of."""
    code = case.problem.code
    make = security.card if _SECURITY.match(code) else RULES.get(code)
    return make(case) if make is not None else None


FAMILY = Family(from_sources("ruff"), card, lambda _: texts.EXPLAINER)
