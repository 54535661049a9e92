"""Clippy on statements and expressions that could be written otherwise."""

from __future__ import annotations

import re
from collections.abc import Callable

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.rustc import told
from lsp_debugger.cards.rustc.items import function_around
from lsp_debugger.core.ask import Card

INSTEAD = re.compile(r": `(?P<code>[^`]{1,100})`$")
_ONLY_INDEX = re.compile(
    r"^the loop variable `(?P<name>[^`]{1,80})` is (?P<only>only )?used to index `(?P<of>[^`]{1,120})`"
)
_COUNTER = re.compile(r"^the variable `(?P<name>[^`]{1,80})` is used as a loop counter")
_UNWRAP = re.compile(
    r"^called `(?P<how>\w{1,40})` on `(?P<name>[^`]{1,120})` after checking its variant with "
    r"`(?P<check>\w{1,40})`"
)
_CONVERSION = re.compile(r"^useless conversion to the same type: `(?P<type>[^`]{1,160})`")
_CLONE = re.compile(r"^using `clone` on (?:a )?(?:type |double-reference)`?(?P<type>[^`]{0,160})`?")
_CONST = re.compile(r"^approximate value of `(?P<name>[^`]{1,80})` found")
_GUARD = re.compile(r"^this `(?P<kind>\w{1,60})` is held across an await point")


def better_code(case: Case) -> str:
    """The code that clippy would write, where it fits on a line."""
    found = told.below(case, INSTEAD)
    return found["code"] if found is not None else ""


def needless_return(case: Case) -> Card | None:
    function, code = function_around(case), told.code(case)
    if function is None or not code.startswith("return"):
        return None
    value = code.removeprefix("return").strip(" ;")
    says = f": `{value}` alone is its result" if value else ""
    return Card(f"`return` is not needed at the end of `{function.name}`{says}.")


def needless_borrow(case: Case) -> Card | None:
    code = told.code(case)
    inner = code.lstrip("&").strip()
    if not code.startswith("&") or not inner:
        return None
    return Card(f"The `&` of `{code}` is not needed: `{inner}` is borrowed anyway or is a reference already.")


def clone_on_copy(case: Case) -> Card | None:
    found, code = told.match(case, _CLONE), told.code(case)
    if found is None or not code or not found["type"]:
        return None
    return Card(f"`{code}` needs no `clone`: {told.a(found['type'])} is `Copy`, so using it copies it.")


def len_zero(case: Case) -> Card | None:
    code, better = told.code(case), better_code(case)
    return Card(f"`{code}` asks whether there is anything: `{better}` says so.") if code and better else None


def range_loop(case: Case) -> Card | None:
    found = told.match(case, _ONLY_INDEX)
    if found is None:
        return None
    way = (
        f"`for item in &{found['of']}`"
        if found["only"]
        else f"`for ({found['name']}, item) in {found['of']}.iter().enumerate()`"
    )
    return Card(
        f"The loop goes over numbers, and `{found['name']}` is there to index `{found['of']}`.",
        (),
        (f"{way} goes over the items themselves, and cannot be off by one.",),
    )


def single_match(case: Case) -> Card | None:
    arm = re.match(r"match (?P<value>[^{]{1,80}?) \{", " ".join(case.code[:200].split()))
    subject = f" on `{arm['value']}`" if arm is not None and "`" not in arm["value"] else ""
    return Card(f"This `match`{subject} does something for one pattern only: `if let` says that.")


def redundant_closure(case: Case) -> Card | None:
    code, better = told.code(case), better_code(case)
    return (
        Card(f"`{code}` only passes its argument on: `{better}` itself can be given.")
        if code and better
        else None
    )


def let_and_return(case: Case) -> Card | None:
    code = told.code(case)
    return (
        Card(
            f"`{code}` is bound on the line before and returned at once: the value itself can be the result."
        )
        if code.isidentifier()
        else None
    )


def collapsible(case: Case) -> Card | None:
    nodes = case.nodes
    node = nodes.around(case.span, "if_expression") if nodes is not None else None
    inner = node.child_by_field_name("consequence") if node is not None else None
    if nodes is None or node is None or inner is None:
        return None
    conditions = [node.child_by_field_name("condition")]
    conditions += [
        found.child_by_field_name("condition") for found in nodes.within(nodes.span(inner), "if_expression")
    ][:1]
    shown = [" ".join(nodes.text(each).split()) for each in conditions if each is not None]
    if len(shown) != 2 or any(len(each) > 50 or "`" in each for each in shown):
        return None
    return Card(f"The `if` on `{shown[0]}` holds nothing but the `if` on `{shown[1]}`: `&&` joins them.")


def instead(says: str) -> Callable[[Case], Card | None]:
    """`{code}` and `{better}` are the code that is found and what clippy would write."""

    def card(case: Case) -> Card | None:
        code, better = told.code(case), better_code(case)
        return (
            Card(says.format(code=f"`{code}`", better=f"`{better}`"))
            if code and better and better != code
            else None
        )

    return card


def conversion(case: Case) -> Card | None:
    found, code = told.match(case, _CONVERSION), told.code(case)
    return (
        Card(f"`{code}` converts {told.a(found['type'])} into what it is already.")
        if found is not None and code
        else None
    )


def unwrap_checked(case: Case) -> Card | None:
    found = told.match(case, _UNWRAP)
    if found is None:
        return None
    variant = {"is_some": "Some(value)", "is_ok": "Ok(value)", "is_err": "Err(error)"}.get(found["check"], "")
    notes = (f"`if let {variant} = {found['name']}` asks once and has the value.",) if variant else ()
    return Card(f"`{found['name']}` is asked `{found['check']}()` and then unwrapped.", (), notes)


def manual_strip(case: Case) -> Card | None:
    before = told.beside(case, "was tested here")
    way = "strip_suffix" if "suffix" in told.first(case) else "strip_prefix"
    code = told.code(case)
    if before is None or not code:
        return None
    return Card(
        f"`{code}` cuts off what was looked for {told.on_line(case, before)}: `{way}` does both, and "
        f"cannot miscount."
    )


def constant(case: Case) -> Card | None:
    found, code = told.match(case, _CONST), told.code(case)
    return (
        Card(
            f"`{code}` is nearly `{found['name'].rpartition('::')[2]}`, which `std::f64::consts` (and "
            f"`f32`) has exactly."
        )
        if found is not None and code
        else None
    )


def lock_across_await(case: Case) -> Card | None:
    found, code = told.match(case, _GUARD), told.code(case).removeprefix("mut ")
    if found is None or not code:
        return None
    awaits = told.beside(case, "await points")
    where = f" {told.on_line(case, awaits)}" if awaits is not None else ""
    return Card(
        f"`{code}` holds the lock while the function waits{where}: whoever wants it meanwhile is blocked.",
        (),
        (f"`drop({code})` before the `.await`, or an async `Mutex`.",) if code.isidentifier() else (),
    )


def counter(case: Case) -> Card | None:
    found = told.match(case, _COUNTER)
    better = better_code(case)
    return (
        Card(
            f"`{found['name']}` counts the turns of the loop by hand.",
            (),
            (f"`{better}` counts by itself.",) if better else (),
        )
        if found is not None
        else None
    )


def same_sides(case: Case) -> Card | None:
    code = told.code(case)
    return Card(f"`{code}` has the same on both sides.") if code else None


def always_zero(case: Case) -> Card | None:
    code = told.code(case)
    return Card(f"`{code}` is always zero.") if code else None


def needless_bool(case: Case) -> Card | None:
    better = better_code(case)
    return Card(f"This `if` gives back what its condition is already: `{better}`.") if better else None


def to_string_in_format(case: Case) -> Card | None:
    text = " ".join(case.line_text.split())
    shown = f" in `{text}`" if len(text) <= 80 and "`" not in text else ""
    return Card(f"`to_string` is not needed{shown}: formatting does the same without another `String`.")


def empty_println(case: Case) -> Card | None:
    code = told.code(case)
    return Card(f"`{code}` prints an empty line, as it does without the string.") if code else None


def question_mark(case: Case) -> Card | None:
    better, function = better_code(case), function_around(case)
    if not better or function is None:
        return None
    return Card(
        f"`{better}` does all this: it gives the value, or returns from `{function.name}` with what is "
        f"no value."
    )


def map_entry(case: Case) -> Card | None:
    names = re.search(r"(?P<map>\w{1,60})\.contains_key\(", case.code[:200])
    return (
        Card(
            f"`{names['map']}` is searched twice, by `contains_key` and by `insert`: "
            f"`{names['map']}.entry(…)` does it once."
        )
        if names is not None
        else None
    )


def unit_value(case: Case) -> Card | None:
    binding = re.match(r"let (?:mut )?(?P<name>\w+)", case.code[:200])
    return (
        Card(f"`{binding['name']}` is bound to `()`: what stands on the right gives nothing.")
        if binding is not None
        else None
    )
