"""One JSON object a line: how commands are asked many things at once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import IO, Any, cast

from lsp_debugger.core.errors import ConfigInvalid


def records(lines: IO[bytes], texts: tuple[str, ...]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Each object with the number of its line, from 1; empty lines are passed over.

    texts: keys that have to hold text; `id` has to be there, and may be anything. Raises ConfigInvalid.
    """
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            record: object = json.loads(line)
        except ValueError:
            record = None
        if not isinstance(record, dict):
            raise ConfigInvalid(f"line {number} is no JSON object", "one object a line: `--help` shows it")
        fields = cast("dict[str, Any]", record)
        if "id" not in fields or not all(isinstance(fields.get(name), str) for name in texts):
            needed = " and ".join(f'"{name}"' for name in texts)
            raise ConfigInvalid(f'line {number} needs "id" and {needed}', "`--help` shows an example")
        yield number, fields
