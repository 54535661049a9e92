"""SQLite: statements that it does not understand, and rows that it does not take."""

from __future__ import annotations

import ast
import re

from lsp_debugger.cards.exceptions.raised import Raised
from lsp_debugger.core.ask import Card, Place

# SQLAlchemy puts the driver's exception in front of its message.
_WRAPPED = re.compile(r"\(sqlite3\.\w+\) ")
_NO_TABLE = re.compile(r"no such table: (?P<name>\S+)")
_NO_COLUMN = re.compile(r"no such column: (?P<name>.+)")
_SYNTAX = re.compile(r'near "(?P<word>.+)": syntax error')
_COUNT = re.compile(
    r"table (?P<table>\S+) has (?P<has>\d+) columns? but (?P<got>\d+) values? (?:was|were) supplied"
)
_UNIQUE = re.compile(r"UNIQUE constraint failed: (?P<columns>.+)")
_NOT_NULL = re.compile(r"NOT NULL constraint failed: (?P<table>\w+)\.(?P<column>\w+)")
_CHECK = re.compile(r"CHECK constraint failed: (?P<name>.+)")
_BINDINGS = re.compile(
    r"Incorrect number of bindings supplied\. The current statement uses (?P<uses>\d+), "
    r"and there (?:is|are) (?P<given>\d+) supplied"
)
_UNBOUND = re.compile(r"You did not supply a value for binding (?:parameter )?(?P<name>:\w+|\d+)")
_TYPE = re.compile(r"Error binding parameter (?P<name>\S+): type '(?P<type>[^']+)' is not supported")
_RUNS = ("execute", "executemany", "executescript")
_FIXED = {
    "database is locked": "Another connection is writing to the database and did not end in time.",
    "attempt to write a readonly database": "The database file, or its folder, may not be written.",
    "unable to open database file": "SQLite cannot open the file: its folder is missing or closed to it.",
    "FOREIGN KEY constraint failed": "A row points at a row of another table that is not there.",
    "Cannot operate on a closed database": "The connection is closed already when {call} uses it.",
    "Cannot operate on a closed cursor": "The cursor is closed already when {call} uses it.",
    "You can only execute one statement at a time": "`execute` takes one statement, `executescript` several.",
    "SQLite objects created in a thread can only be used in that same thread": (
        "A connection of SQLite is used in another thread than the one that made it."
    ),
}


def operational(raised: Raised) -> Card | None:
    message = _message(raised)
    if match := _NO_TABLE.match(message):
        return Card(
            f"The database that is open has no table `{match['name']}`.",
            (*raised.here(), *_connected(raised)),
            ("`connect` makes an empty database where there is no file of that name.",),
        )
    if match := _NO_COLUMN.match(message):
        return Card(f"None of the tables in the statement has a column `{match['name']}`.", raised.here())
    if match := _SYNTAX.match(message):
        return Card(f"SQLite does not understand the statement at `{match['word']}`.", raised.here())
    if match := _COUNT.match(message):
        said = f"`{match['table']}` has {match['has']} columns, and the statement gives {match['got']} values"
        return Card(f"{said}.", raised.here())
    return _fixed(raised, message)


def integrity(raised: Raised) -> Card | None:
    message = _message(raised)
    if match := _UNIQUE.match(message):
        columns = [column.rpartition(".") for column in match["columns"].split(", ")]
        names = " and ".join(f"`{column}`" for _, _, column in columns)
        return Card(f"`{columns[0][0]}` has a row with the same {names} already.", raised.here())
    if match := _NOT_NULL.match(message):
        return Card(
            f"`{match['column']}` of `{match['table']}` gets no value, and may not be NULL.", raised.here()
        )
    if match := _CHECK.match(message):
        return Card(f"The row does not fulfil the CHECK `{match['name']}` of its table.", raised.here())
    return _fixed(raised, message)


def programming(raised: Raised) -> Card | None:
    message = _message(raised)
    if match := _BINDINGS.match(message):
        return _bindings(raised, match["uses"], match["given"])
    if match := _UNBOUND.match(message):
        return Card(
            f"The statement has a place `{match['name']}`, and no value is given for it.", raised.here()
        )
    if match := _TYPE.match(message):
        said = f"The value for parameter {match['name']} is a `{match['type']}`, which SQLite cannot store"
        return Card(f"{said}.", raised.here())
    return _fixed(raised, message)


def _message(raised: Raised) -> str:
    return _WRAPPED.sub("", raised.message, count=1)


def _fixed(raised: Raised, message: str) -> Card | None:
    words = next((meaning for start, meaning in _FIXED.items() if message.startswith(start)), None)
    call = raised.only(raised.on_line(ast.Call))
    shown = f"`{raised.code(call)}`" if call is not None else "this"
    return Card(words.format(call=shown), raised.here()) if words is not None else None


def _bindings(raised: Raised, uses: str, given: str) -> Card:
    call = raised.call_of(*_RUNS)
    values = call.args[1] if call is not None and len(call.args) > 1 else None
    what = f"`{raised.code(values)}`" if values is not None else "The call"
    is_text = isinstance(values, ast.Constant) and isinstance(values.value, str)
    in_brackets = values is not None and not isinstance(values, ast.Tuple | ast.List) and uses == "1"
    hint = (
        f"A text counts as its letters; `({raised.code(values)},)` is one value."
        if values and is_text
        else ""
    )
    if in_brackets and not is_text and values is not None:
        hint = f"If `{raised.code(values)}` is one text, `({raised.code(values)},)` is one value."
    return Card(
        f"{what} gives {given} values, and the statement has {uses} `?`.",
        raised.here(),
        (hint,) if hint else (),
    )


def _connected(raised: Raised) -> tuple[Place, ...]:
    """The file's one call of `sqlite3.connect`."""
    parsed = raised.case.python
    calls = [
        node
        for node in (ast.walk(parsed.tree) if parsed is not None else ())
        if isinstance(node, ast.Call) and raised.code(node.func) == "sqlite3.connect"
    ]
    if len(calls) != 1 or calls[0].lineno == raised.case.line:
        return ()
    return (raised.case.here(calls[0].lineno, f"`{raised.code(calls[0])}`"),)
