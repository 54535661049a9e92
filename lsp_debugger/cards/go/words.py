"""Our words."""

COMPILER: dict[str, str] = {}
ANALYZERS: dict[str, str] = {}
