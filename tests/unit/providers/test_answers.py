from __future__ import annotations

from datetime import timedelta

import pytest

from service.model.delivery import Refusal, Scope
from service.providers.answers import Grounds, describe, find_text, parse_json


@pytest.mark.parametrize("body", [b"", b"OK", b"\xff", b'{"id": ', b"[" * 100_000])
def test_what_is_not_json_holds_nothing(body: bytes) -> None:
    assert parse_json(body) is None


@pytest.mark.parametrize("answer", [None, [], "message", {}, {"message": 7}, {"message": None}])
def test_a_text_that_is_not_there_is_empty(answer: object) -> None:
    assert find_text(answer, "message") == ""


def test_a_text_is_found_under_its_key() -> None:
    assert find_text(parse_json('{"message": "号外"}'.encode()), "message") == "号外"


@pytest.mark.parametrize(
    ("message", "described"),
    [
        (
            "'Ann <ann+x@example.com>' is not a valid address",
            "'Ann <(address)>' is not a valid address",
        ),
        ("a@b.example,c@d.example", "(address),(address)"),
        ("two\r\n  lines", "two lines"),
        ("user\0 \x1b \ud800 号外", "user 号外"),
        ("x" * 300, "x" * 199 + "…"),
    ],
)
def test_a_message_is_kept_short_and_without_addresses(message: str, described: str) -> None:
    assert describe(message) == described


@pytest.mark.parametrize(
    ("wait_for", "asked_for", "waits_for"),
    [(None, None, None), (None, 5, None), (60, None, 60), (60, 5, 60), (60, 90, 90)],
)
def test_a_refusal_for_now_waits_at_least_its_own_time_and_one_for_good_never(
    wait_for: int | None, asked_for: int | None, waits_for: int | None
) -> None:
    grounds = Grounds(Scope.ACCOUNT, "slow", _seconds(wait_for))

    refusal = grounds.refuse("slow down, a@example.com", retry_after=_seconds(asked_for))

    assert refusal == Refusal(Scope.ACCOUNT, "slow", "slow down, (address)", _seconds(waits_for))


def _seconds(count: int | None) -> timedelta | None:
    return None if count is None else timedelta(seconds=count)
