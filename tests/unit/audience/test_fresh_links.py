from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from service.audience.fresh_links import LIVES_FOR, read_fresh_link, sign_fresh_link
from service.audience.tokens import KeyRing, Purpose, SigningKey, sign_link
from service.errors import LinkExpiredError, TokenError

NOW = datetime(2025, 11, 21, 12, tzinfo=UTC)


def test_a_fresh_link_lives_an_hour_and_no_longer(key: SigningKey, ring: KeyRing) -> None:
    token = sign_fresh_link(key, Purpose.ERASE, "r12", NOW)
    for moment in (NOW - timedelta(minutes=4), NOW, NOW + LIVES_FOR):
        assert read_fresh_link(ring, Purpose.ERASE, token, moment) == "r12"
    with pytest.raises(LinkExpiredError):
        read_fresh_link(ring, Purpose.ERASE, token, NOW + LIVES_FOR + timedelta(seconds=1))
    with pytest.raises(TokenError, match="a time to come"):
        read_fresh_link(ring, Purpose.ERASE, token, NOW - timedelta(minutes=6))


def test_a_fresh_link_is_good_for_one_purpose(key: SigningKey, ring: KeyRing) -> None:
    token = sign_fresh_link(key, Purpose.EXPORT, "r12", NOW)
    with pytest.raises(TokenError):
        read_fresh_link(ring, Purpose.ERASE, token, NOW)


@pytest.mark.parametrize("subject", ["s12", "s12.", ".1763720000", "s1.x", f"s1.{'9' * 40}"])
def test_a_link_that_lives_for_ever_is_no_fresh_one(
    key: SigningKey, ring: KeyRing, subject: str
) -> None:
    token = sign_link(key, Purpose.PREFERENCES, subject)
    with pytest.raises(TokenError):
        read_fresh_link(ring, Purpose.PREFERENCES, token, NOW)
