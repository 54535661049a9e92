"""What is still open at some point of a script that shellcheck could not read: quotes, `if`, `do`, `{`."""

from __future__ import annotations

import re
from dataclasses import dataclass

MAX_CHARS = 40_000  # some 30 ms
_TOKEN = re.compile(
    r"""(?P<escape>\\.)
    |(?P<comment>(?:(?<=\s)|^)\#[^\n]*)
    |(?P<heredoc><<-?[ \t]*(?P<q>["']?)(?P<end>[A-Za-z_]\w*)(?P=q))
    |(?P<expansion>\$\{[^}\n]{0,200}\}|\$\(\()
    |(?P<quote>["'])
    |(?P<word>[A-Za-z_]\w*|[{}])
    |(?P<separator>;;|;|\n|&&|\|\||\||&|\()
    |(?P<blank>[ \t]+)
    |(?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
_OPENS = {"if": "if", "do": "do", "case": "case", "{": "{"}
_CLOSES = {"fi": "if", "done": "do", "esac": "case", "}": "{"}
_COMMAND_FOLLOWS = frozenset({"if", "then", "else", "elif", "do", "while", "until", "{", "!"})


@dataclass(frozen=True, slots=True)
class Open:
    """word: if | do | case | { | a quotation mark. start: where it stands."""

    word: str
    start: int


def open_at(text: str, offset: int) -> tuple[Open, ...]:
    """Innermost last. It goes by words and quotes alone, so it is right for scripts that are nearly right."""
    stack, ends = list[Open](), list[str]()
    at, is_command = 0, True
    limit = min(offset, len(text), MAX_CHARS)
    while at < limit and (match := _TOKEN.match(text, at)) is not None:
        at = match.end()
        kind, said = match.lastgroup or "", match.group()
        if match["heredoc"]:
            ends.append(match["end"])
        elif kind == "quote":
            closed = _closing(text, match.start())
            if closed < 0 or closed >= limit:
                return (*stack, Open(said, match.start()))
            at, is_command = closed + 1, False
        elif kind == "separator":
            is_command = True
            if said == "\n" and ends:
                at, ends = _after_heredocs(text, at, ends), []
        elif kind == "word" and is_command:
            _step(stack, said, match.start())
            is_command = said in _COMMAND_FOLLOWS
        elif kind not in {"blank", "comment"}:
            is_command = said in {")", "`"}
    return tuple(stack)


def _step(stack: list[Open], word: str, start: int) -> None:
    if word in _OPENS:
        stack.append(Open(word, start))
    elif stack and stack[-1].word == _CLOSES.get(word):
        stack.pop()


def _closing(text: str, start: int) -> int:
    """The mark that ends the string which begins at `start`; -1 without one."""
    if text[start] == "'":
        return text.find("'", start + 1)
    match = re.compile(r'(?:[^"\\]|\\.)*"', re.DOTALL).match(text, start + 1)
    return match.end() - 1 if match is not None else -1


def _after_heredocs(text: str, at: int, ends: list[str]) -> int:
    for end in ends:
        match = re.compile(rf"^\t*{re.escape(end)}$", re.MULTILINE).search(text, at)
        if match is None:
            return len(text)
        at = match.end()
    return at
