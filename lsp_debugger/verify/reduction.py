"""The smallest test that still fails in the same way: delta debugging of its code and inputs, no model.

pysource-minimize takes the syntax tree apart; each try is a run of the project's own pytest, all of them in
one isolated process that forks, so that a try costs what the test costs.
"""

from __future__ import annotations

import importlib.util
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lsp_debugger.verify.isolated import run_isolated
from lsp_debugger.verify.overlay import Overlay

_GRACE_S = 30.0  # for what runs when the time is up
_PACKAGE = "pysource_minimize"


@dataclass(frozen=True, slots=True)
class Reduced:
    """source: of the whole test file. failure: type and place, as in `ZeroDivisionError at app.py:7`.

    is_complete: nothing smaller was found; otherwise the time was up.
    """

    source: str
    failure: str
    runs: int
    took_s: float
    is_complete: bool

    @property
    def how(self) -> str:
        """What it took, in a sentence."""
        end = "as small as it gets" if self.is_complete else "the time was up"
        return f"{self.runs} tries in {self.took_s:.0f} s, {end}."


async def reduce_test(
    overlay: Overlay, python: Path, test_file: str, name: str, limit_s: float
) -> Reduced | str:
    """The reduced test, or why there is none. Never raises for what the test does.

    python: absolute, with pytest. test_file: below the workspace. name: as pytest writes it after the file's;
    of a parametrised test all cases are tried, so that the one that fails can become the only one.
    """
    command = [str(python), "-m", "lspd_reduce", test_file, name.partition("[")[0], str(limit_s)]
    run = await run_isolated(overlay, command, limit_s + _GRACE_S, _modules(), {})
    if run.done is None:
        return f"it was not run: {run.failed or run.why_not}"
    if b"No module named 'pytest'" in run.done.stderr:
        return f"{python.parent.parent.name} has no pytest"
    try:
        return _reduced(json.loads(run.left["reduced.json"]))
    except (KeyError, TypeError, ValueError, IndexError, OverflowError, RecursionError):
        return "it ended without a result"


def _modules() -> dict[str, str]:
    """What is sent into the isolation: our part of it, and the library as it is installed here."""
    found = importlib.util.find_spec(_PACKAGE)
    assert found is not None, "a dependency of this package"
    assert found.submodule_search_locations, "it is a package"
    folder = Path(next(iter(found.submodule_search_locations)))
    library = {f"{_PACKAGE}/{file.name}": file.read_text("utf-8") for file in folder.glob("*.py")}
    return {"lspd_reduce.py": Path(__file__).with_name("inside_reduce.py").read_text("utf-8"), **library}


def _reduced(given: dict[str, Any]) -> Reduced | str:
    """It comes out of a hostile place: anything may be in it."""
    if given["why_not"]:
        return str(given["why_not"])[:200]
    kind, *place = given["failure"]
    where = f" at {place[0]}" + (f":{int(place[1])}" if place[1] else "") if place else ""
    words = f"{str(kind).rpartition('.')[2]}{where}"
    return Reduced(
        f"{str(given['source']).rstrip()}\n",
        words,
        int(given["runs"]),
        float(given["took_s"]),
        bool(given["is_complete"]),
    )
