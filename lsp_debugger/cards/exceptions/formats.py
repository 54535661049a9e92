"""Data that is not in the format it is read as, or that cannot be written in it."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Sequence

from lsp_debugger.cards.exceptions.raised import Raised, a
from lsp_debugger.core.ask import Card

Reader = Callable[[Raised, re.Match[str]], Card | None]


def _say(words: str, *notes: str) -> Reader:
    """words: with the groups of the pattern in braces."""
    return lambda raised, match: Card(words.format(**match.groupdict()), raised.here(), notes)


def _read(readers: Sequence[tuple[str, Reader]]) -> Callable[[Raised], Card | None]:
    compiled = [(re.compile(pattern), make) for pattern, make in readers]

    def card(raised: Raised) -> Card | None:
        for pattern, make in compiled:
            if match := pattern.match(raised.message):
                return make(raised, match)
        return None

    return card


def _format_of(raised: Raised, *names: str) -> tuple[str, str]:
    """The call of `struct`, and its format when that is written out."""
    call = raised.call_of(*names)
    if call is None or not call.args or not isinstance(call.args[0], ast.Constant):
        return "", ""
    return f"`{raised.code(call)}`", f"`{call.args[0].value}`"


def _wrong_size(raised: Raised, match: re.Match[str]) -> Card:
    call, layout = _format_of(raised, "unpack", "unpack_from")
    if match["least"]:
        said = f"{call or 'The call'} needs a buffer of at least {match['size']} bytes and gets a smaller one"
        return Card(f"{said}.", raised.here())
    wants = f"The format {layout} takes" if layout else "The format takes"
    return Card(
        f"{wants} {match['size']} bytes, and {call or 'the call'} gets another number.", raised.here()
    )


def _wrong_count(raised: Raised, match: re.Match[str]) -> Card:
    _, layout = _format_of(raised, "pack", "pack_into")
    wants = f"The format {layout} has" if layout else "The format has"
    return Card(f"{wants} room for {match['wanted']} values and gets {match['got']}.", raised.here())


struct_error = _read(
    (
        (r"unpack(?:_from)? requires a buffer of (?P<least>at least )?(?P<size>\d+) bytes", _wrong_size),
        (r"pack(?:_into)? expected (?P<wanted>\d+) items for packing \(got (?P<got>\d+)\)", _wrong_count),
        (
            r"'?\w+'? format requires (?P<low>\S+) <= number <= (?P<high>\S+)",
            _say("A number to be packed is not between {low} and {high}, which is what its format holds."),
        ),
        (
            r"required argument is not an integer",
            _say("A value that the format takes as an integer is none."),
        ),
    )
)

binascii_error = _read(
    (
        (
            r"Incorrect padding",
            _say("The base64 text is not complete: `=` at its end is missing, or more than that."),
        ),
        (
            r"Invalid base64-encoded string: number of data characters \((?P<count>\d+)\)",
            _say("The base64 text has {count} characters of data, which no whole number of bytes gives."),
        ),
        (
            r"Odd-length string",
            _say("Hexadecimal text has two digits for each byte; this one has an odd number."),
        ),
        (r"Non-hexadecimal digit found", _say("The text holds something that is no hexadecimal digit.")),
    )
)

zlib_error = _read(
    (
        (r"Error -3 .*incorrect header check", _say("The data does not begin as zlib-compressed data does.")),
        (
            r"Error -5 .*incomplete or truncated stream",
            _say("The compressed data ends before it is complete."),
        ),
        (r"Error -3 .*: (?P<why>.+)$", _say("The compressed data is damaged: {why}.")),
    )
)

archive_error = _read(
    (
        (
            r"Not a gzipped file \((?P<start>.+)\)",
            _say("The data begins with {start}, which no gzip file does."),
        ),
        (
            r"File is not a zip file",
            _say("The file is no zip archive, or its end, where the index is, is missing."),
        ),
        (r"Bad CRC-32 for file (?P<name>'.+')", _say("The file {name} in the archive is damaged.")),
    )
)

csv_error = _read(
    (
        (
            r"field larger than field limit \((?P<limit>\d+)\)",
            _say(
                "A field has more than {limit} characters: often a quote that is opened and never closed.",
                "`csv.field_size_limit(…)` allows longer ones.",
            ),
        ),
        (
            r"iterable expected, not (?P<kind>\w+)",
            lambda raised, match: Card(
                f"A row has to be a sequence of values, and this one is {a(match['kind'])}.", raised.here()
            ),
        ),
        (
            r"iterator should return strings, not bytes",
            _say(
                "The file is opened in binary mode, and `csv` reads text.",
                '`open(path, newline="")` opens it for `csv`.',
            ),
        ),
        (
            r"need to escape, but no escapechar set",
            _say("A value holds a character that needs quotes, which this dialect forbids."),
        ),
    )
)

xml_error = _read(
    (
        (r"no element found: line 1, column 0$", _say("The text that should be XML is empty.")),
        (
            r"no element found: (?P<at>line \d+, column \d+)",
            _say("The XML ends at {at}, before all elements are closed."),
        ),
        (
            r"mismatched tag: (?P<at>line \d+, column \d+)",
            _say("At {at} of the XML a tag closes another element than the one that is open."),
        ),
        (
            r"junk after document element: (?P<at>line \d+, column \d+)",
            _say("At {at} of the XML something follows the one element that may stand at the top."),
        ),
        (
            r"not well-formed \(invalid token\): (?P<at>line \d+, column \d+)",
            _say(
                "The XML is not well-formed at {at}.",
                "A bare `&` or `<` has to be written as `&amp;` or `&lt;`.",
            ),
        ),
        (
            r"undefined entity(?: &\w+;)?: (?P<at>line \d+, column \d+)",
            _say(
                "At {at} the XML uses an entity that it does not define.", "`&nbsp;` and the like are HTML's."
            ),
        ),
        (
            r"unbound prefix: (?P<at>line \d+, column \d+)",
            _say("At {at} the XML uses a namespace prefix that it never declares."),
        ),
    )
)

toml_error = _read(
    (
        (
            r"(?P<why>.+) \(at (?P<at>line \d+, column \d+)\)$",
            lambda raised, match: _toml(raised, match["why"], f" at {match['at']}"),
        ),
        (
            r"(?P<why>.+) \(at end of document\)$",
            lambda raised, match: _toml(raised, match["why"], " at its end"),
        ),
    )
)


def _toml(raised: Raised, why: str, where: str) -> Card:
    if why in ("Cannot overwrite a value", "Cannot mutate immutable namespace"):
        return Card(f"The TOML gives a key or table{where} that it has given already.", raised.here())
    return Card(f"The TOML cannot be read{where}: {why[:1].lower()}{why[1:]}.", raised.here())


config_error = _read(
    (
        (
            r"No section: (?P<section>'.+')",
            _say(
                "The configuration has no section {section}.",
                "`read()` passes over files that are not there without a word.",
            ),
        ),
        (
            r"No option (?P<option>'.+') in section: (?P<section>'.+')",
            _say("The section {section} of the configuration has no option {option}."),
        ),
        (
            r"File contains no section headers",
            _say("A line of the configuration comes before the first `[section]`."),
        ),
        (
            r"While reading from (?P<file>'.+') \[line\s+(?P<line>\d+)\]: (?P<what>.+) already exists",
            _say("Line {line} of {file} repeats the {what}."),
        ),
        (
            r"'%' must be followed by '%' or '\('",
            _say(
                "A `%` in a value of the configuration has to be written `%%`.",
                "`ConfigParser(interpolation=None)` takes it as it is.",
            ),
        ),
        (
            r"Bad value substitution: option (?P<option>'.+') in .+ an interpolation key (?P<key>'.+?') ",
            _say("The option {option} of the configuration refers to {key}, which is not there."),
        ),
    )
)

pickling_error = _read(
    (
        (
            r"Can't (?:pickle|get) <function <lambda> at .+",
            _say("A lambda cannot be pickled: pickle stores functions by their names, and it has none."),
        ),
        (
            r"Can't (?:pickle|get) local object .*?'?(?P<function>\w+)\.<locals>\.(?P<name>\w+)'?",
            _say(
                "`{name}` stands within `{function}`: pickle finds only what stands at the top of a module."
            ),
        ),
        (
            r"Can't pickle <.+>: attribute lookup (?P<name>\w+) on (?P<module>[\w.]+) failed",
            _say("Pickle stores `{name}` by its name, and `{module}` has nothing of that name at its top."),
        ),
        (
            r"Can't pickle <.+'(?P<name>[\w.]+)'>: it's not the same object as",
            _say("Pickle stores `{name}` by its name, which stands for another object by now."),
        ),
        (
            r"cannot pickle '(?P<kind>[^']+)' object",
            lambda raised, match: Card(
                f"{a(match['kind']).capitalize()} cannot be pickled; it is in what {raised.line} works on.",
                raised.here(),
            ),
        ),
    )
)

unpickling_error = _read(
    (
        (
            r"invalid load key, (?P<key>'.+')\.",
            _say("The data is no pickle, or is read from the wrong place: no part of one begins with {key}."),
        ),
        (r"pickle data was truncated", _say("The pickle ends before it is complete.")),
    )
)
