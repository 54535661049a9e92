"""However whitespace drifts, a hunk gives what the exact one gives, or is refused."""

from __future__ import annotations

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from lsp_debugger.core.patch import Hunk
from lsp_debugger.verify.lines import Lines, Placement
from lsp_debugger.verify.place import place_hunks
from lsp_debugger.verify.refusal import Refusal

NAMES = ["alpha", "beta", "gamma", "delta", "x"]
STATEMENTS = ["{} = {} + 1", "return {}({})", "if {} == {}:", "print({}, '{}')", "{}.append({})", ""]


@st.composite
def programs(draw: st.DrawFn) -> list[str]:
    lines = ["def start():"]
    for number in range(draw(st.integers(3, 12))):
        depth = draw(st.integers(1, 3))
        pattern = draw(st.sampled_from(STATEMENTS))
        text = pattern.format(draw(st.sampled_from(NAMES)), draw(st.sampled_from(NAMES)))
        repeated = draw(st.booleans())
        lines.append(
            "    " * depth + text + ("" if repeated or not text else f"  # {number}") if text else ""
        )
    return [*lines, "    return end"]


@st.composite
def fixes(draw: st.DrawFn) -> tuple[list[str], int, int, list[str]]:
    """A program, the lines [first, last) of a hunk in it, and what becomes of them."""
    lines = draw(programs())
    first = draw(st.integers(0, len(lines) - 1))
    last = draw(st.integers(first + 1, len(lines)))
    new = lines[first:last]
    at = draw(st.integers(0, len(new) - 1))
    if draw(st.booleans()):
        new[at] = new[at] + " or fixed()"
        new[at] = new[at] if new[at].strip() != "or fixed()" else "    fixed()"
    else:
        indent = next((line[: len(line) - len(line.lstrip())] for line in new[at:] if line.strip()), "    ")
        new.insert(at, indent + "fixed()")
    return lines, first, last, new


def placed(text: str, search: list[str], replace: list[str]) -> tuple[str, list[Placement]] | None:
    lines = Lines(text)
    try:
        found = place_hunks(lines, [Hunk("\n".join(search) + "\n", "\n".join(replace) + "\n")])
        return lines.rewritten(change for each in found for change in each.changes), found
    except Refusal:
        return None


def spaces(width: int, shift: int = 0):
    def drift(line: str) -> str:
        depth = (len(line) - len(line.lstrip())) // 4
        return " " * max(width * depth + shift, 0) + line.lstrip() if line.strip() else ""

    return drift


DRIFTS = {
    "none": lambda line: line,
    "two spaces": spaces(2),
    "three spaces": spaces(3),
    "tabs": lambda line: "\t" * ((len(line) - len(line.lstrip())) // 4) + line.lstrip(),
    "further right": lambda line: f"    {line}" if line.strip() else "",
    "blanks at ends": lambda line: line + "  ",
    "carriage returns": lambda line: line + "\r",
    "wide gaps": lambda line: line[: len(line) - len(line.lstrip())] + line.lstrip().replace(" ", "  "),
}


def test_steps_of_which_the_old_lines_tell_nothing_are_refused():
    text = "def start():\n    return end\n"
    for step in ("\t", "   ", "  "):
        assert placed(text, ["def start():"], ["def start():", step + "fixed()"]) is None
    assert placed(text, ["def start():"], ["def start():", "    fixed()"]) is not None
    tabbed = text.replace("    ", "\t")
    assert placed(tabbed, ["def start():"], ["def start():", "\tfixed()"]) is not None


def test_what_is_aligned_with_something_is_not_moved_by_a_guess():
    text = "  --json   what is\n  --all    all\n"
    assert placed(text, ["--json   what is"], ["--json   what is", "        and was"]) is None
    assert placed(text, ["--json   what is"], ["--json   what is", "--one    one"]) is not None


@settings(max_examples=300, deadline=None)
@given(fixes(), st.sampled_from(sorted(DRIFTS)))
def test_drift_changes_nothing_or_is_refused(fix: tuple[list[str], int, int, list[str]], drift: str) -> None:
    lines, first, last, new = fix
    text = "\n".join(lines) + "\n"
    exact = placed(text, lines[first:last], new)
    drifted = [DRIFTS[drift](line) for line in lines[first:last]]
    # What drifts into lines that stand elsewhere to the letter says nothing of where it came from.
    assume(drifted == lines[first:last] or "\n".join(["", *drifted, ""]) not in f"\n{text}")
    result = placed(text, drifted, [DRIFTS[drift](line) for line in new])
    wanted = "\n".join([*lines[:first], *new, *lines[last:]]) + "\n"
    for found in (exact, result):
        if found is not None:
            assert [line.split() for line in found[0].split("\n")] == [
                line.split() for line in wanted.split("\n")
            ]
    if exact is not None:
        assert exact[0] == wanted
    if result is not None and drift != "wide gaps":  # blanks between new words are the model's own
        assert result[0] == wanted


@settings(max_examples=200, deadline=None)
@given(fixes(), st.lists(st.sampled_from(["\n", "\r\n"]), min_size=15, max_size=15), st.booleans())
def test_lines_outside_of_a_hunk_are_untouched(
    fix: tuple[list[str], int, int, list[str]], ends: list[str], ended: bool
) -> None:
    lines, first, last, new = fix
    text = "".join(line + end for line, end in zip(lines, ends, strict=False))
    text = text if ended else text[: len(text) - len(ends[len(lines) - 1])]
    result = placed(text, lines[first:last], new)
    if result is None:
        return
    before, after = Lines(text), Lines(result[0])
    if first:
        assert after.texts[:first] == before.texts[:first]
        assert after.ends[:first] == before.ends[:first]
    kept = len(lines) - last
    if kept:
        assert after.texts[-kept:] == before.texts[-kept:]
        assert after.ends[-kept:] == before.ends[-kept:]
    assert bool(after.ends[-1]) == bool(before.ends[-1])


@settings(max_examples=200, deadline=None)
@given(
    programs(),
    st.lists(
        st.sampled_from(["    x = x + 1", "    other()", "    return x(x)", ""]), min_size=1, max_size=4
    ),
)
def test_lines_that_are_not_there_are_never_placed(lines: list[str], search: list[str]) -> None:
    text = "\n".join(lines) + "\n"
    squeezed = [line.split() for line in lines if line.strip()]
    wanted = [line.split() for line in search if line.strip()]
    windows = [squeezed[at : at + len(wanted)] for at in range(len(squeezed))]
    result = placed(text, search, ["    fixed()"])
    if wanted and wanted not in windows:
        assert result is None or result[1][0].rung.value in {"exact", "fuzzy"}
