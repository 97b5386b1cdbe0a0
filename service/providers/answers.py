"""What an HTTP provider's answer says, in words that may be kept."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import timedelta

from service.model.delivery import Refusal, Scope

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
    """Return a provider's message on one short line, without mail addresses or control signs."""
    # What another server wrote may hold NUL or half a character, which no database keeps.
    words = (
        "".join(filter(str.isprintable, word))
        for word in _ADDRESS.sub("(address)", message).split()
    )
    line = " ".join(filter(None, words))
    return line if len(line) <= _DETAIL_LIMIT else line[: _DETAIL_LIMIT - 1] + "…"


@dataclass(frozen=True, slots=True)
class Grounds:
    """What a documented answer proves: whose fault it is, in a short word for machines.

    `wait_for`: the answer means "not now", and at least this long.
    """

    scope: Scope
    code: str
    wait_for: timedelta | None = None

    def refuse(self, detail: str, *, retry_after: timedelta | None = None) -> Refusal:
        """Return the refusal; `detail` is shortened and loses its addresses.

        `retry_after` is what the answer asks for; where waiting is no cure it is not heeded.
        """
        wait_for = self.wait_for and max(self.wait_for, retry_after or self.wait_for)
        return Refusal(self.scope, self.code, describe(detail), retry_after=wait_for)
