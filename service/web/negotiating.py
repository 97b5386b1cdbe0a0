"""What a client accepts, and whether it has the file already (RFC 9110, sections 12.5, 13.1)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache

LONGEST_HEADER = 8192
"""Bytes of a header that are looked at; an honest one is far shorter."""

_LONGEST_KNOWN = 100
_TAG = re.compile(r'"[^"]*"')


def find_coding(accept_encoding: bytes) -> str:
    """`choose_coding`, remembered for the few headers that readers really send."""
    if len(accept_encoding) > _LONGEST_KNOWN:
        return choose_coding(accept_encoding[:LONGEST_HEADER].decode("latin-1"))
    return _choose_known(accept_encoding)


def choose_coding(accept_encoding: str) -> str:
    """`br`, `gzip` or `identity`: the one the client likes best, the smallest of equals.

    Where a client refuses everything, the plain file is still better than no file.
    """
    liked = _parse_weights(accept_encoding)
    others = liked.get("*", 0.0)
    weights = {coding: liked.get(coding, others) for coding in ("br", "gzip")}
    best = max(weights, key=lambda coding: weights[coding])
    if weights[best] > 0 and weights[best] >= liked.get("identity", 0.0):
        return best
    return "identity"


def is_listed(etag: bytes, if_none_match: bytes) -> bool:
    """Whether a list of entity tags, weak ones too, holds this one; `*` holds every one."""
    value = if_none_match[:LONGEST_HEADER].decode("latin-1")
    return value.strip() == "*" or etag.decode("latin-1") in _TAG.findall(value)


def is_unchanged_since(changed_at: datetime, if_modified_since: bytes) -> bool:
    """Whether a file that changed then has not changed since; False for what is no date."""
    since = _parse_date(if_modified_since[:_LONGEST_KNOWN].decode("latin-1"))
    return since is not None and changed_at.replace(microsecond=0) <= since


@lru_cache(maxsize=512)
def _choose_known(accept_encoding: bytes) -> str:
    return choose_coding(accept_encoding.decode("latin-1"))


def _parse_weights(accept_encoding: str) -> dict[str, float]:
    weights: dict[str, float] = {}
    for item in accept_encoding.lower().split(","):
        coding, *parameters = (part.strip() for part in item.split(";"))
        if coding:
            weights[coding.removeprefix("x-")] = _parse_weight(parameters)
    return weights


def _parse_weight(parameters: Sequence[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            return float(value) if re.fullmatch(r"[01](\.\d{0,3})?", value.strip()) else 0.0
    return 1.0


def _parse_date(value: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
