"""Signed words of somebody else that a task may go to an endpoint, until a day. One JSON object a line."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from lsp_debugger.core.errors import PolicyInvalid
from lsp_debugger.policy.signing import APPROVAL, SigningKey, verified

APPROVALS_FILE = "approvals.jsonl"
_MAX_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class Approval:
    """until: inclusive, `YYYY-MM-DD`, in UTC."""

    task: str
    endpoint: str
    by: str
    until: str

    @property
    def statement(self) -> bytes:
        return json.dumps(asdict(self), sort_keys=True, separators=(",", ":")).encode()

    def signed(self, key: SigningKey) -> str:
        """The line for the approvals file."""
        return json.dumps({**asdict(self), "signature": key.sign(APPROVAL, self.statement)})


def read_approvals(path: Path, keys: tuple[str, ...]) -> tuple[Approval, ...]:
    """Those in a file that one of the keys has signed; others open nothing. A missing file holds none.

    Raises PolicyInvalid for a line that cannot be read.
    """
    try:
        with path.open("rb") as file:
            lines = file.read(_MAX_BYTES).splitlines()
    except FileNotFoundError:
        return ()
    except OSError as exc:
        raise PolicyInvalid(f"{path}: cannot be read ({type(exc).__name__})", "make it readable") from exc
    found = list[Approval]()
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            said = json.loads(line)
            approval = Approval(*(str(said[name]) for name in ("task", "endpoint", "by", "until")))
            signature = str(said["signature"])
        except (ValueError, KeyError, TypeError) as exc:
            raise PolicyInvalid(
                f"{path}:{number}: not an approval", "lsp-debugger policy sign approval writes one"
            ) from exc
        if verified(keys, APPROVAL, approval.statement, signature):
            found.append(approval)
    return tuple(found)


def approval_for(approvals: tuple[Approval, ...], task: str, endpoint: str, today: str) -> str:
    """Who has approved it, in a few words for the record; empty when nobody has."""
    valid = (each for each in approvals if (each.task, each.endpoint) == (task, endpoint))
    return next((f"by {each.by} until {each.until}" for each in valid if today <= each.until), "")
