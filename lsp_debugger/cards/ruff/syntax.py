"""Text that is no Python: where the mistake began, which is seldom where the parser gave up."""

from __future__ import annotations

import re

from lsp_debugger.cards.case import Case
from lsp_debugger.core.ask import Card

_MAX_CHARS = 500_000
_TOKEN = re.compile(
    r"#[^\r\n]*"
    r'|(?P<string>\'\'\'(?:[^\\]|\\.)*?\'\'\'|"""(?:[^\\]|\\.)*?""")'
    r"|'(?:[^'\\\r\n]|\\.)*'|\"(?:[^\"\\\r\n]|\\.)*\""
    r"|(?P<open>[(\[{])|(?P<close>[)\]}])",
    re.DOTALL,
)
_CLOSES = {")": "(", "]": "[", "}": "{"}
_PRINT = re.compile(r"\s*(?P<name>print|exec)\s+[^=(.,\s]")
_MISSING_BLOCK = re.compile(
    r"expected an indented block after .+?(?: on line (?P<line>\d{1,9}))?$", re.IGNORECASE
)
_NEEDS_COLON = re.compile(r"\s*(?:async\s+)?(?:def|class|if|elif|else|for|while|try|except|finally|with)\b")
_BLOCK_OPENER = re.compile(
    r"after (?:the )?(?:`?\w+`? )?(?:statement|definition|clause|block)", re.IGNORECASE
)


def broken(case: Case) -> Card | None:
    """None where the text does not show more than the message says."""
    if not case.is_in_text or len(case.snapshot.text) > _MAX_CHARS:
        return None
    message = case.problem.message.removeprefix("SyntaxError: ").strip()
    for look in (_unindented, _no_block, _unclosed, _mismatched, _no_colon):
        if (card := _printed(case) or look(case, message)) is not None:
            return card
    return None


def _printed(case: Case) -> Card | None:
    match = _PRINT.match(case.line_text)
    told = ("Simple statements", "Missing parentheses")
    if match is None or not any(words in case.problem.message for words in told):
        return None
    return Card(
        f"`{match['name']}` is a function since Python 3: its argument in line {case.line} needs parentheses."
    )


def _unindented(case: Case, message: str) -> Card | None:
    """A line that is indented like none of the blocks that are open above it."""
    if "unindent does not match" not in message:
        return None
    own = _indentation(case.line_text)
    open_blocks: list[tuple[int, int]] = []  # indentation, line
    for number in range(1, case.line):
        text = case.snapshot.line_text(number - 1)
        if text.strip() and not text.lstrip().startswith("#"):
            depth = _indentation(text)
            open_blocks = [each for each in open_blocks if each[0] < depth]
            open_blocks.append((depth, number))
    if not open_blocks or "\t" in "".join(case.snapshot.line_text(line - 1)[:1] for _, line in open_blocks):
        return None
    depths = " or ".join(str(depth) for depth, _ in open_blocks)
    above, line = open_blocks[-1]
    return Card(
        f"Line {case.line} is indented by {own}; the blocks it can belong to are indented by {depths}.",
        (case.here(line, f"is indented by {above}"),),
        (message,),
    )


def _no_block(case: Case, message: str) -> Card | None:
    """A header whose body is missing."""
    match = _MISSING_BLOCK.search(message)
    if match is None:
        return None
    line = int(match["line"]) if match["line"] else case.line - 1
    header = case.snapshot.line_text(line - 1).strip() if 1 <= line < case.line else ""
    if not header:
        return None
    return Card(
        f"`{header}` in line {line} has no body: line {case.line} is not indented below it.",
        (case.here(line, f"`{header}`"),),
    )


def _indentation(text: str) -> int:
    return len(text) - len(text.lstrip())


def _unclosed(case: Case, message: str) -> Card | None:
    """A bracket that nothing closes: all that follows is taken for a part of what it holds."""
    stack, wrong = _brackets(case.snapshot.text)
    if not stack or wrong is not None:
        return None
    bracket, offset = stack[-1]
    line = case.snapshot.lines.line_of(offset) + 1
    if line > case.line:
        return None
    text = case.snapshot.line_text(line - 1).strip()
    return Card(
        f"The `{bracket}` of line {line} is never closed.", (case.here(line, f"`{text}`"),), (message,)
    )


def _mismatched(case: Case, message: str) -> Card | None:
    _, wrong = _brackets(case.snapshot.text)
    if wrong is None:
        return None
    offset, closing, opened = wrong
    line = case.snapshot.lines.line_of(offset) + 1
    if line != case.line:
        return None
    if opened is None:
        return Card(f"The `{closing}` in line {line} closes nothing.", notes=(message,))
    bracket, start = opened
    first = case.snapshot.lines.line_of(start) + 1
    place = case.here(first, f"`{case.snapshot.line_text(first - 1).strip()}`")
    return Card(
        f"The `{closing}` in line {line} does not close the `{bracket}` of line {first}.",
        (place,),
        (message,),
    )


def _no_colon(case: Case, message: str) -> Card | None:
    text = case.line_text.split("#")[0].rstrip()
    if "Expected `:`" not in message and "expected ':'" not in message:
        return None
    if not _NEEDS_COLON.match(text) or text.endswith(":"):
        return None
    word = text.split()[0]
    return Card(f"The `{word}` of line {case.line} has no `:` at its end.", notes=(message,))


def _brackets(
    text: str,
) -> tuple[list[tuple[str, int]], tuple[int, str, tuple[str, int] | None] | None]:
    """Brackets still open at the end, and the first one that closes the wrong one or nothing."""
    stack: list[tuple[str, int]] = []
    for match in _TOKEN.finditer(text):
        if match["open"]:
            stack.append((match["open"], match.start()))
        elif closing := match["close"]:
            if not stack or stack[-1][0] != _CLOSES[closing]:
                return stack, (match.start(), closing, stack[-1] if stack else None)
            stack.pop()
    return stack, None
