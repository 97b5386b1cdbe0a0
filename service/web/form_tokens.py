"""The token of our own forms: when the page was loaded, and which words stood on it."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

from service.audience.tokens import KeyRing, Purpose, read_link, sign_link
from service.errors import TokenError

GOOD_FOR = timedelta(days=1)

_MINUTE = 60


def make_form_token(ring: KeyRing, consent: str, now: datetime) -> str:
    """Return the token of a page loaded `now`; the same within a minute, so pages can be kept."""
    minute = int(now.timestamp()) // _MINUTE
    return sign_link(ring.current, Purpose.FORM, f"{minute:x}.{_digest(consent)}")


def is_fresh(ring: KeyRing, token: str, consent: str, now: datetime) -> bool:
    """Whether we made this token within a day, for a page that shows these very words."""
    try:
        loaded, _, digest = read_link(ring, Purpose.FORM, token).partition(".")
    except TokenError:
        return False
    loaded_at = datetime.fromtimestamp(int(loaded, 16) * _MINUTE, UTC)
    # A page may have been made by another machine, whose clock is a little ahead.
    is_young = -timedelta(minutes=2) < now - loaded_at < GOOD_FOR
    return is_young and digest == _digest(consent)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]
