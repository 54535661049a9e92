"""JSON with comments and trailing commas, as configuration files of Node's tools are written."""

from __future__ import annotations

import functools
import json
import re
from typing import Any, cast

# Each alternative ends somewhere, if at the text's end: nothing is gone through twice.
_COMMENT = re.compile(r'("(?:[^"\\]|\\.)*(?:"|\Z))|//[^\n]*|/\*.*?(?:\*/|\Z)', re.DOTALL)
_COMMA = re.compile(r'("(?:[^"\\]|\\.)*(?:"|\Z))|,(?=\s*[\]}])', re.DOTALL)
_MAX_CHARS = 256 * 1024


@functools.lru_cache(maxsize=32)
def parsed(text: str) -> dict[str, Any]:
    """Empty where it is no object, or too long for a configuration."""
    if len(text) > _MAX_CHARS:
        return {}
    text = text.removeprefix("\ufeff")
    for beyond in (_COMMENT, _COMMA):
        text = beyond.sub(lambda match: match[1] or "", text)
    try:
        found: Any = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return cast("dict[str, Any]", found) if isinstance(found, dict) else {}
