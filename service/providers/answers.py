"""What an HTTP provider's answer says, in words that may be kept."""

from __future__ import annotations

import json
import re

_ADDRESS = re.compile(r"[^\s'\"<>,;]*@[^\s'\"<>,;]*")
_DETAIL_LIMIT = 200


def parse_json(body: bytes) -> object:
    """Return what `body` holds as JSON, or None where it holds none."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def find_text(answer: object, key: str) -> str:
    """Return the text under `key` of a JSON object, or an empty string."""
    value = answer.get(key) if isinstance(answer, dict) else None
    return value if isinstance(value, str) else ""


def describe(message: str) -> str:
    """Return a provider's message on one short line and without mail addresses."""
    line = " ".join(_ADDRESS.sub("(address)", message).split())
    return line if len(line) <= _DETAIL_LIMIT else line[: _DETAIL_LIMIT - 1] + "…"
