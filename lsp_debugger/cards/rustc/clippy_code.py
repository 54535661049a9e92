"""Clippy's lints that people meet most, in the words of the code that they are about."""

from __future__ import annotations

import re
from collections.abc import Callable

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.rustc import told
from lsp_debugger.cards.rustc.items import function_around, parameters, returned
from lsp_debugger.core.ask import Card

_INSTEAD = re.compile(r": `(?P<code>[^`]{1,100})`$")
_METHOD = re.compile(
    r"^method `(?P<name>\w{1,80})` can be confused for the standard trait method `(?P<trait>[\w:]{1,160})`"
)
_LEN = re.compile(r"^(?P<kind>struct|enum|type|trait) `(?P<name>\w{1,80})` has a public `len` method, but no")
_TOO_MANY = re.compile(r"^this function has too many arguments \((?P<given>\d{1,3})/(?P<limit>\d{1,3})\)")
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
_DEFAULT = re.compile(r"^you should consider adding a `Default` implementation for `(?P<type>[^`]{1,160})`")
_CONST = re.compile(r"^approximate value of `(?P<name>[^`]{1,80})` found")
_POINTER = re.compile(
    r"^writing `(?P<given>&(?:mut )?\w{1,20})` instead of `(?P<better>&(?:mut )?[^`]{1,20})`"
)
_GUARD = re.compile(r"^this `(?P<kind>\w{1,60})` is held across an await point")


def better_code(case: Case) -> str:
    """The code that clippy would write, where it fits on a line."""
    found = told.below(case, _INSTEAD)
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


def pointer(case: Case) -> Card | None:
    found, function, better = told.match(case, _POINTER), function_around(case), better_code(case)
    if found is None or function is None or not better or case.nodes is None:
        return None
    parameter = case.nodes.around(case.span, "parameter")
    pattern = parameter.child_by_field_name("pattern") if parameter is not None else None
    if pattern is None:
        return None
    return Card(
        f"`{case.nodes.text(pattern)}` of `{function.name}` wants a `{told.code(case)}`; `{better}` "
        f"takes that too, and slices and literals besides.",
    )


def without_default(case: Case) -> Card | None:
    found = told.match(case, _DEFAULT)
    return (
        Card(
            f"`{found['type']}` has a `new()` without arguments but no `Default`, which generic code "
            f"asks for."
        )
        if found is not None
        else None
    )


def many_arguments(case: Case) -> Card | None:
    found, function = told.match(case, _TOO_MANY), function_around(case)
    if found is None or function is None:
        return None
    return Card(
        f"`{function.name}` takes {found['given']} arguments, more than {found['limit']}.",
        (),
        ("A struct for those that belong together gives them names where it is called.",),
    )


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


def like_trait(case: Case) -> Card | None:
    found = told.match(case, _METHOD)
    if found is None:
        return None
    trait = found["trait"].rpartition("::")[0].removeprefix("std::")
    return Card(
        f"`{found['name']}` looks like the method of the trait `{trait}` but is another one: readers "
        f"may take it for that.",
        (),
        (f"`impl {trait}` for the type, or another name.",),
    )


def large_variant(case: Case) -> Card | None:
    where = told.beside(case, "the largest variant")
    item = re.search(r"enum\s+(?P<name>\w+)", case.code[:400])
    if where is None or item is None:
        return None
    size = re.search(r"at least (\d{1,9}) bytes", where.note)
    variant = (
        re.match(r"\s*(?P<name>\w+)", case.snapshot.line_text(where.line - 1))
        if told.is_here(case, where)
        else None
    )
    shown = f"`{variant['name']}`" if variant is not None else "its largest variant"
    return Card(
        f"Every `{item['name']}` is as large as {shown}{f' ({size[1]} bytes)' if size else ''}, also "
        f"those of the small variants.",
        (),
        ("`Box<…>` around the large field makes the others small.",),
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


def complex_type(case: Case) -> Card | None:
    function = function_around(case)
    where = (
        f" of `{function.name}`"
        if function is not None and returned(function) and case.code == returned(function)
        else ""
    )
    return Card(f"The type{where} is hard to read: a `type` alias can name a part of it.") if where else None


def same_sides(case: Case) -> Card | None:
    code = told.code(case)
    return Card(f"`{code}` has the same on both sides.") if code else None


def always_zero(case: Case) -> Card | None:
    code = told.code(case)
    return Card(f"`{code}` is always zero.") if code else None


def boxed(case: Case) -> Card | None:
    name, function = told.code(case), function_around(case)
    kind = parameters(function).get(name, "") if function is not None else ""
    inner = kind.removeprefix("Box<").removesuffix(">") if kind.startswith("Box<") else ""
    return (
        Card(
            f"`{name}` need not be in a `Box`: `{function.name}` only uses it here.",
            (),
            (f"`{inner}` or `&{inner}` will do.",),
        )
        if function is not None and inner
        else None
    )


def no_is_empty(case: Case) -> Card | None:
    found = told.match(case, _LEN)
    return (
        Card(
            f"`{found['name']}` has a `len` but no `is_empty`, which readers and other lints expect "
            f"beside it."
        )
        if found is not None
        else None
    )


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
