"""Brevo's callbacks: who may send them, and what they say in our words."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from service.errors import CallbackError
from service.model.event import EventKind, ProviderEvent, RejectReason, digest_address
from service.providers.brevo_events import check_signature, parse_events

NOW = datetime(2025, 10, 20, tzinfo=UTC)
EVENT = {
    "event": "hard_bounce",
    "email": "Reader1@example.com",
    "id": 26224,
    "date": "2025-10-20 02:00:00",
    "ts": 1760911200,
    "message-id": "<1@smtp-relay.brevo.example>",
    "ts_event": 1760918400,
    "ts_epoch": 1760918400500,
    "subject": "号外",
    "X-Mailin-custom": '{"batch":"edition-7.batch-3","row":1}',
    "tags": [],
    "reason": "550 no such user reader1@example.com",
}


def is_let_in(authorization: str, *secrets: str) -> bool:
    try:
        check_signature({"authorization": authorization}, b"", secrets, now=NOW)
    except CallbackError:
        return False
    return True


def test_a_token_or_a_user_with_password_lets_in_also_while_they_are_changed() -> None:
    basic = "Basic " + base64.b64encode("kawaraban:瓦版".encode()).decode()

    assert is_let_in("Bearer t0ken", "t0ken")
    assert is_let_in("Bearer t0ken", "new", "t0ken")
    assert is_let_in(basic, "kawaraban:瓦版")


@pytest.mark.parametrize(
    "authorization", ["", "Bearer ", "Bearer other", "t0ken", "Basic dDBrZW4="]
)
def test_nothing_else_does(authorization: str) -> None:
    assert not is_let_in(authorization, "t0ken")
    assert not is_let_in(authorization, "")
    assert not is_let_in(authorization)
    with pytest.raises(CallbackError):
        check_signature({}, b"", ["t0ken"], now=NOW)


def test_an_event_says_everything_we_gave_and_no_address() -> None:
    [event] = parse_events(json.dumps(EVENT).encode())

    assert event == ProviderEvent(
        kind=EventKind.BOUNCED,
        event_id=event.event_id,
        message_id="<1@smtp-relay.brevo.example>",
        batch_key="edition-7.batch-3",
        row_id=1,
        address_digest=digest_address("reader1@example.com"),
        occurred_at=datetime(2025, 10, 20, 0, 0, 0, 500_000, tzinfo=UTC),
        reject_reason=RejectReason.BOUNCED,
        is_permanent=True,
        diagnostic="550 no such user (address)",
    )


def test_an_event_keeps_its_id_alone_and_in_a_batch_and_others_have_their_own() -> None:
    [alone] = parse_events(json.dumps(EVENT).encode())
    batch = parse_events(json.dumps([EVENT, EVENT | {"event": "spam"}, EVENT | {"id": 9}]).encode())

    assert [one.event_id == alone.event_id for one in batch] == [True, False, True]


@pytest.mark.parametrize(
    ("name", "kind", "reason", "is_permanent"),
    [
        ("request", "queued", None, False),
        ("delivered", "delivered", None, False),
        ("deferred", "deferred", None, False),
        ("soft_bounce", "bounced", "bounced", False),
        ("hard_bounce", "bounced", "bounced", True),
        ("invalid_email", "bounced", "invalid", True),
        ("blocked", "rejected", "blocked", False),
        ("error", "failed", "other", False),
        ("spam", "complained", "spam", True),
        ("unsubscribed", "unsubscribed", "unsubscribed", True),
        ("opened", "opened", None, False),
        ("unique_proxy_open", "opened", None, False),
        ("click", "clicked", None, False),
        ("list_addition", "unknown", None, False),
    ],
)
def test_each_of_its_words_has_one_of_ours(
    name: str, kind: str, reason: str | None, is_permanent: bool
) -> None:
    [event] = parse_events(json.dumps(EVENT | {"event": name}).encode())

    assert (event.kind, event.reject_reason, event.is_permanent) == (kind, reason, is_permanent)


@pytest.mark.parametrize(
    ("changes", "occurred_at"),
    [
        ({"ts_epoch": None}, datetime(2025, 10, 20, tzinfo=UTC)),
        ({"ts_epoch": "soon", "ts_event": -1}, None),
        ({"ts_epoch": 10**400, "ts_event": 10**30}, None),
    ],
)
def test_odd_times_are_left_out(changes: dict[str, Any], occurred_at: datetime | None) -> None:
    [event] = parse_events(json.dumps(EVENT | changes).encode())

    assert event.occurred_at == occurred_at


@pytest.mark.parametrize("custom", ["", "{", "[1]", '{"row":"x"}', '{"row":true}', "\ud800"])
def test_what_others_put_into_the_header_is_not_taken_for_ours(custom: str) -> None:
    [event] = parse_events(json.dumps(EVENT | {"X-Mailin-custom": custom}).encode())

    assert (event.batch_key, event.row_id) == ("", None)
