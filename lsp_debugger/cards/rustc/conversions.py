"""From the type that is given to the one that is wanted."""

from __future__ import annotations

import re

NUMBER = re.compile(r"(?P<kind>[iuf])(?P<bits>\d{1,3}|size)")


def ways(code: str, wanted: str, given: str) -> tuple[str, ...]:  # noqa: PLR0911 - one for each pair
    """From the type that is given to the one that is wanted, for pairs that people meet."""
    outer, inner = given.partition("<")[0], given.partition("<")[2]
    if wanted == "String" and given in ("&str", "&'static str"):
        return (f"`{code}.to_string()` makes a `String` of it.",)
    if given == "String" and wanted == "&str":
        return (f"`&{code}` lends it as a `&str`.",)
    if wanted in (f"&{given}", f"&mut {given}"):
        return (f"`{'&mut ' if wanted.startswith('&mut ') else '&'}{code}` lends it.",)
    if given == f"&{wanted}" and NUMBER.fullmatch(wanted):
        return (f"`*{code}` is the value that it refers to.",)
    if wanted.startswith(f"Option<{given}"):
        return (f"`Some({code})` wraps it.",)
    if outer == "Option" and inner == f"{wanted}>":
        return ("It may hold nothing: `match` or `.unwrap_or(…)` says what is to happen then.",)
    if outer == "Result" and inner.startswith(f"{wanted},"):
        return ("It may be an error: `match` or `.unwrap_or(…)` says what is to happen then.",)
    if wanted.startswith(f"Result<{given},"):
        return (f"`Ok({code})` wraps it.",)
    return numbers(code, wanted, given)


def numbers(code: str, wanted: str, given: str) -> tuple[str, ...]:
    a, b = NUMBER.fullmatch(given), NUMBER.fullmatch(wanted)
    if a is None or b is None or not re.fullmatch(r"[\w.()\[\]]+", code):
        return ()
    if "f" in (a["kind"], b["kind"]):
        return (
            (f"`{code} as {wanted}` converts it, and may lose digits.",)
            if (given, wanted) != ("f32", "f64")
            else (f"`f64::from({code})`.",)
        )
    sizes = a["bits"].isdecimal() and b["bits"].isdecimal()
    grows = sizes and int(a["bits"]) < int(b["bits"]) and (a["kind"] == b["kind"] or b["kind"] == "i")
    if grows:
        return (f"`{wanted}::from({code})` always fits.",)
    return (f"Not every `{given}` fits: `{wanted}::try_from({code})` says so, `as` cuts it off.",)
