"""Signed links that live an hour: for what a forwarded mail must not allow."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from service.audience.tokens import KeyRing, Purpose, SigningKey, read_link, sign_link
from service.errors import LinkExpiredError, TokenError

LIVES_FOR = timedelta(hours=1)

_CLOCKS_DIFFER_BY = timedelta(minutes=5)


def sign_fresh_link(key: SigningKey, purpose: Purpose, subject: str, now: datetime) -> str:
    """Return a token for this purpose and subject that is good for an hour from `now`.

    What is signed ends in the second, as in "r12.1763720000".
    """
    return sign_link(key, purpose, f"{subject}.{int(now.timestamp())}")


def read_fresh_link(ring: KeyRing, purpose: Purpose, token: str, now: datetime) -> str:
    """Return the subject of a token of at most an hour ago.

    Raises LinkExpiredError for an older one, and TokenError for what was not signed here.
    """
    subject, _, second = read_link(ring, purpose, token).rpartition(".")
    if not (subject and second.isascii() and second.isdecimal() and len(second) <= 11):
        raise TokenError("this link is for something else")
    signed_at = datetime.fromtimestamp(int(second), UTC)
    if signed_at > now + _CLOCKS_DIFFER_BY:
        raise TokenError("this link is for a time to come")
    if now - signed_at > LIVES_FOR:
        raise LinkExpiredError("this link has outlived its hour")
    return subject
