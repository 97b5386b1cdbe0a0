from __future__ import annotations

import pytest

from service.providers.answers import describe, find_text, parse_json


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
        ("x" * 300, "x" * 199 + "…"),
    ],
)
def test_a_message_is_kept_short_and_without_addresses(message: str, described: str) -> None:
    assert describe(message) == described
