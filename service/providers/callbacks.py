"""What the callbacks of several providers have in common: passwords, lists, times, events' ids."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from service.errors import CallbackError
from service.providers.answers import parse_json

_LAST_SECOND = 253_402_300_799


def check_password(headers: Mapping[str, str], secrets: Sequence[str]) -> None:
    """Raise CallbackError unless the Authorization header holds one of `secrets`.

    Header names are in lower case. A secret is a bearer token, or `user:password` for basic
    authentication; several are accepted while one is replaced by the next, none lets nobody in.
    """
    given = headers.get("authorization", "").encode()
    expected = [_write_authorization(secret) for secret in secrets if secret]
    if not any(hmac.compare_digest(given, one) for one in expected):
        raise CallbackError("the callback does not carry the secret that was agreed on")


def _write_authorization(secret: str) -> bytes:
    if ":" in secret:
        return b"Basic " + base64.b64encode(secret.encode())
    return b"Bearer " + secret.encode()


def read_objects(body: bytes) -> list[dict[str, Any]]:
    """Return the JSON objects in `body`, one or a list; raises CallbackError for anything else."""
    parsed = parse_json(body)
    found = parsed if isinstance(parsed, list) else [parsed]
    objects = [one for one in found if isinstance(one, dict)]
    if len(objects) < len(found):
        raise CallbackError("the callback is no JSON object and no list of them")
    return objects


def read_time(since_1970: object, *, per_second: int = 1) -> datetime | None:
    """Return the instant that a number, or digits, of seconds or their parts mean, or None."""
    text = str(since_1970) if isinstance(since_1970, int | float | str) else ""
    try:
        seconds = float(text) / per_second
    except ValueError:
        return None
    return datetime.fromtimestamp(seconds, UTC) if 0 < seconds <= _LAST_SECOND else None


def read_instant(text: str) -> datetime | None:
    """Return the instant that an ISO 8601 text means, in UTC where it names no zone; else None."""
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def read_row_id(value: object) -> int | None:
    """Return the row id that we gave along, or None where it is none."""
    text = str(value) if isinstance(value, int | str) else ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def derive_event_id(*parts: object) -> str:
    """Return an id for an event that has none: the same whenever it says the same."""
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
