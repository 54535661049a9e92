"""Read what a model wrote: sanitise it while it streams, then weigh it.

A model's text is untrusted: it saw the repository, and the repository may tell it to smuggle data
out through an image, a link or a terminal escape. So nothing that a Markdown renderer would load,
follow or interpret survives: no links, no images, no HTML, no control, bidi or zero-width
characters. Fences are written anew, at the left margin, so that no renderer can disagree with us
about what is code.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from lsp_debugger.core.ask import Confidence, Place
from lsp_debugger.core.material import Fragment

_MAX_CHARS = 64_000
# Longer than any name or path: such a word is cut, with a space, so that no address spans the cut.
_MAX_WORD = 400
_MAX_SPAN = 2_000

# OSC (hyperlinks, titles), CSI (colours, cursor) and lone escapes.
_ESCAPES = re.compile(r"\x1b\][^\x07\x1b]{0,2000}(?:\x07|\x1b\\)?|\x1b\[[0-?]*[ -/]*[@-~]?|\x1b[^\x1b\[\]]?")
# Controls but tab and newline; zero-width, bidi, tag and variation characters; line separators.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u115f\u1160\u180b-\u180e\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff]"
)
_URL = re.compile(r"(?i)(?:[a-z][a-z0-9+.-]*:)?//|www\.|(?:mailto|command|javascript|data|file|vscode):")
_FENCE = re.compile(r"^[ \t>]*(?P<fence>`{3,}|~{3,})(?P<info>[^`\n]*)$")
_NOT_ASCII = re.compile(r"[^\x00-\x7f]+")
_WORD_END = re.compile(r"[ \t\n`]|[^\x00-\x7f]")
_PROSE_SPECIALS = re.compile(r"[\\<&\[\]]")
_ENTITIES = {"<": "&lt;", "&": "&amp;"}


class MarkdownStream:
    """Sanitise Markdown piece by piece: `feed` returns what is safe to append, `close` the rest.

    The result does not depend on how the text was cut. A word is held back until it ends, a code
    span until it closes or its line does, the first words of a line until it is clear that the line
    is no fence.
    """

    def __init__(self) -> None:
        self._pending: str = ""
        self._line_start: bool = True
        self._after_tick: bool = False
        self._fence: str | None = None
        self._left = _MAX_CHARS
        self._escape: str = ""

    def feed(self, text: str) -> str:
        if self._left <= 0:
            return ""
        # A cut may fall inside an escape sequence: keep an unfinished one for the next piece.
        text = self._escape + text
        tail = text.rfind("\x1b")
        if tail >= 0 and len(text) - tail < 2_100 and not _finished_escape(text[tail:]):
            text, self._escape = text[:tail], text[tail:]
        else:
            self._escape = ""
        # A carriage return is dropped, not turned into a line end: a cut may fall inside \r\n.
        self._pending += _INVISIBLE.sub("", _ESCAPES.sub("", text).replace("\r", ""))
        return self._limit(self._take(final=False))

    def close(self) -> str:
        """Flush, and close what is open. The stream is done after this."""
        self._pending += _INVISIBLE.sub("", _ESCAPES.sub("", self._escape))
        self._escape = ""
        rest = self._limit(self._take(final=True))
        if self._fence is not None:
            rest += ("" if self._line_start else "\n") + self._fence + "\n"
            self._fence = None
        self._left = 0
        return rest

    def _limit(self, text: str) -> str:
        kept = text[: self._left]
        self._left -= len(text)
        return kept + ("\n…\n" if len(kept) < len(text) else "")

    def _take(self, *, final: bool) -> str:
        out: list[str] = []
        while self._pending:
            piece = self._fenced(final) if self._fence else self._prose(final)
            if piece is None:
                break
            out.append(piece)
        return "".join(out)

    def _fenced(self, final: bool) -> str | None:
        line, newline, rest = self._pending.partition("\n")
        if not newline and not final:
            return None
        self._pending = rest
        closing = line.strip(" \t>")
        fence = self._fence or ""
        if len(closing) >= len(fence) and set(closing) == {fence[0]}:
            self._fence = None
            self._line_start = True
            return fence + "\n"
        self._line_start = bool(newline)
        return line + newline

    def _prose(self, final: bool) -> str | None:
        if self._line_start:
            line, newline, rest = self._pending.partition("\n")
            if _may_be_fence(line):
                if not newline and not final:
                    return None
                opened = _FENCE.match(line)
                if opened:
                    self._pending = rest
                    self._fence = opened["fence"]
                    info = re.sub(r"[^A-Za-z0-9_+#-].*", "", opened["info"].strip())
                    return f"\n{self._fence}{info}\n"
        return self._inline(final)

    def _inline(self, final: bool) -> str | None:
        text = self._pending
        first = text[0]
        if other := _NOT_ASCII.match(text):
            # Nothing of it is active, and scripts without spaces would otherwise come in lumps.
            self._pending = text[other.end() :]
            self._after_tick = False
            self._line_start = False
            return other[0]
        if first in " \t\n":
            self._pending = text[1:]
            self._after_tick = False
            self._line_start = self._line_start or first == "\n"
            return first
        if first == "`":
            taken = _code_span(text, final=final)
            if taken is None:
                return None
            source, shown = taken
        else:
            ended = _WORD_END.search(text)
            if ended is None and not final and len(text) <= _MAX_WORD:
                return None
            end = ended.start() if ended else len(text)
            source = text[: min(end, _MAX_WORD)]
            # Headings are how an answer's parts are told apart; a model does not make any.
            shown = "\\" * (self._line_start and source.startswith("#")) + _word(source)
            shown += " " * (end > _MAX_WORD)
        self._pending = text[len(source) :]
        self._line_start = False
        # Two spans that touch would be read as one longer run of backticks, which pairs with neither, and
        # after a backslash a simple reader takes the backtick for escaped.
        apart = " " if shown.startswith("`") and self._after_tick else ""
        self._after_tick = shown.endswith(("`", "\\"))
        return apart + shown


def _finished_escape(text: str) -> bool:
    found = _ESCAPES.match(text)
    if found is None or len(text) == 1:
        return False
    if text[1] == "]":
        return text[: found.end()].endswith(("\x07", "\x1b\\"))
    if text[1] == "[":
        return bool(re.match(r"\x1b\[[0-?]*[ -/]*[@-~]", text))
    return True


def _may_be_fence(line: str) -> bool:
    """True also for a line that has not said anything yet: `> ` may go on as a fence."""
    return line.lstrip(" \t>")[:3] in {"", "`", "``", "```", "~", "~~", "~~~"}


def _code_span(text: str, *, final: bool) -> tuple[str, str] | None:
    """(source, shown) of the span at the start of `text`; None to wait for more of it.

    A span has to close on its own line, and one that does not is shown as plain backticks: left
    open it would pair with a later one, and prose would turn into code and code into prose.
    """
    run = re.match(r"`+", text)
    ticks = run[0] if run else "`"
    line = text.split("\n", 1)[0][:_MAX_SPAN]
    for found in re.finditer(r"`+", line[len(ticks) :]):
        if found[0] == ticks:
            # A run at the very end may still grow with the next piece.
            end = len(ticks) + found.end()
            if end == len(text) and not final:
                return None
            return text[:end], text[:end]
    if len(line) == len(text) and not final and len(line) < _MAX_SPAN:
        return None
    return ticks, "".join("\\`" for _ in ticks)


def _word(word: str) -> str:
    """One word of prose with everything active taken out."""
    if _URL.search(word):
        # Code is the one place where no renderer makes a link of a bare address.
        return "`" + word.replace("\\", "") + "`"
    return _PROSE_SPECIALS.sub(lambda found: _ENTITIES.get(found[0], "\\" + found[0]), word)


def sanitise(text: str) -> str:
    """The whole of a text at once."""
    stream = MarkdownStream()
    return stream.feed(text) + stream.close()


_CITED = re.compile(r"(?P<path>[^\s`'\"(),;:*\\]+):(?P<line>\d{1,7})\b")


def cited_places(markdown: str, known: Sequence[Place], fragments: Sequence[Fragment]) -> tuple[Place, ...]:
    """Places that the text names and that were really in front of the model, in order of mention.

    A `path:line` that was not in the prompt is the model's invention and is left out.
    """
    found: dict[tuple[str, int], Place] = {}
    for match in _CITED.finditer(markdown):
        path, line = match["path"].replace("\\", ""), int(match["line"])
        place = next((p for p in known if p.line == line and _same_path(p.path, path)), None)
        if place is None:
            shown = next(
                (
                    f
                    for f in fragments
                    if f.path and _same_path(f.path, path) and f.start_line <= line <= f.end_line
                ),
                None,
            )
            place = Place(shown.path, line) if shown and shown.path else None
        if place is not None:
            found.setdefault((place.path, place.line), place)
    return tuple(found.values())


def _same_path(whole: str, cited: str) -> bool:
    whole, cited = whole.replace("\\", "/"), cited.replace("\\", "/")
    return whole == cited or whole.endswith("/" + cited) or cited.endswith("/" + whole)


def weigh(
    *, cited: int, dropped: int, complete: bool, mean_logprob: float | None, words: int
) -> tuple[Confidence, str]:
    """How far to trust an answer, from what was measured and never from what it says of itself.

    mean_logprob: natural log, averaged over tokens; -0.35 is an average probability of .70.
    """
    doubts: list[str] = []
    if not complete:
        doubts.append("the answer is not complete")
    if words < 5:
        doubts.append("there is hardly any text")
    if cited == 0:
        doubts.append("it names no place that was in the prompt")
    if mean_logprob is not None and mean_logprob < -1.0:
        doubts.append(f"the model was unsure of its words ({mean_logprob:.2f} a token)")
    if doubts:
        return Confidence.LOW, "; ".join(doubts)
    if dropped:
        doubts.append(f"{dropped} pieces of context did not fit")
    if mean_logprob is None:
        doubts.append("this backend reports no probabilities")
    elif mean_logprob < -0.35:
        doubts.append(f"the model was not quite sure of its words ({mean_logprob:.2f} a token)")
    if doubts:
        return Confidence.MEDIUM, "; ".join(doubts)
    return (
        Confidence.HIGH,
        f"it names {cited} place{'s' * (cited != 1)} from the prompt, and the model was sure",
    )
