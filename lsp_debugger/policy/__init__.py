"""What may leave, in which form, and the record of it. Imports alone: nothing heavy before the first use.

decide (decide.py) → route (route.py) → clear (gate.py); `store.py` holds the policy in force,
`redact.py` takes secrets out, `audit.py` keeps the record.

Nothing is imported here on purpose: several threads of a server import parts of this package for the
first time at once, and a package that imports its own modules makes them wait for each other's locks.
"""
