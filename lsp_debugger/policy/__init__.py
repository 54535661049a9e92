"""What may leave, in which form, and the record of it. Imports alone: nothing heavy before the first use.

decide (decide.py) → route (route.py) → clear (gate.py); `store.py` holds the policy in force,
`redact.py` takes secrets out, `audit.py` keeps the record.
"""

from lsp_debugger.policy.store import never_index, summary

__all__ = ["never_index", "summary"]
