from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from service.errors import CallbackError
from service.model.event import EventKind, RejectReason, digest_address
from service.providers.ses_events import parse_events

READER = "reader@example.com"
MAIL = {
    "timestamp": "2026-01-12T08:00:00.000Z",
    "messageId": "0106019b-8f6c",
    "source": "news@example.com",
    "destination": [READER],
    "tags": {"batch": ["kb-1-2_2e3-a1"], "row": ["41"], "ses:caller-identity": ["kawaraban"]},
}
KINDS = EventKind
REASONS = RejectReason


def post(event: object, **changes: str) -> bytes:
    message = {
        "Type": "Notification",
        "MessageId": "sns-1",
        "TopicArn": "arn:aws:sns:eu-west-1:123456789012:t",
        "Message": event if isinstance(event, str) else json.dumps(event),
        "Timestamp": "2026-01-12T09:00:00.000Z",
        **changes,
    }
    return json.dumps(message).encode()


def bounce(kind: str, subtype: str, **reader: str) -> dict[str, Any]:
    return {
        "eventType": "Bounce",
        "bounce": {
            "bounceType": kind,
            "bounceSubType": subtype,
            "bouncedRecipients": [{"emailAddress": READER, **reader}],
            "timestamp": "2026-01-12T08:30:00.000Z",
        },
        "mail": MAIL,
    }


def event(kind: str, **parts: object) -> dict[str, Any]:
    return {"eventType": kind, "mail": MAIL, **parts}


def test_a_bounce_names_our_batch_and_row_and_no_address() -> None:
    said = bounce(
        "Permanent", "NoEmail", status="5.1.1", diagnosticCode=f"smtp; 550 5.1.1 <{READER}> unknown"
    )

    [found] = parse_events(post(said))

    assert found.event_id == "sns-1:0"
    assert (found.batch_key, found.row_id) == ("kb-1-2.3-a1", 41)
    assert found.message_id == "0106019b-8f6c"
    assert found.address_digest == digest_address(READER)
    assert found.occurred_at == datetime(2026, 1, 12, 8, 30, tzinfo=UTC)
    assert found.diagnostic == "smtp; 550 5.1.1 <(address)> unknown"
    assert READER not in repr(found)


@pytest.mark.parametrize(
    ("said", "kind", "reason", "is_permanent"),
    [
        (bounce("Permanent", "General"), KINDS.BOUNCED, REASONS.BOUNCED, True),
        (bounce("Permanent", "NoEmail"), KINDS.BOUNCED, REASONS.INVALID, True),
        (
            bounce("Permanent", "General", status="5.7.1"),
            KINDS.BOUNCED,
            REASONS.BLOCKED,
            False,
        ),
        (bounce("Permanent", "Suppressed"), KINDS.REJECTED, REASONS.BOUNCED, True),
        (
            bounce("Permanent", "OnAccountSuppressionList"),
            KINDS.REJECTED,
            REASONS.BOUNCED,
            True,
        ),
        (
            bounce("Permanent", "UnsubscribedRecipient"),
            KINDS.REJECTED,
            REASONS.UNSUBSCRIBED,
            True,
        ),
        (bounce("Transient", "General"), KINDS.BOUNCED, REASONS.BOUNCED, False),
        (bounce("Transient", "MailboxFull"), KINDS.BOUNCED, REASONS.BOUNCED, False),
        (bounce("Transient", "MessageTooLarge"), KINDS.BOUNCED, REASONS.BLOCKED, False),
        (bounce("Transient", "ContentRejected"), KINDS.BOUNCED, REASONS.BLOCKED, False),
        (bounce("Transient", "CustomTimeoutExceeded"), KINDS.BOUNCED, REASONS.TIMED_OUT, False),
        (bounce("Undetermined", "Undetermined"), KINDS.BOUNCED, REASONS.OTHER, False),
        (bounce("Permanent", "SomethingNew"), KINDS.BOUNCED, REASONS.OTHER, False),
        (event("Complaint", complaint={}), KINDS.COMPLAINED, REASONS.SPAM, True),
        (
            event("Complaint", complaint={"complaintFeedbackType": "abuse"}),
            KINDS.COMPLAINED,
            REASONS.SPAM,
            True,
        ),
        (
            event("Complaint", complaint={"complaintFeedbackType": "not-spam"}),
            KINDS.UNKNOWN,
            None,
            False,
        ),
        (
            event("Complaint", complaint={"complaintSubType": "OnAccountSuppressionList"}),
            KINDS.REJECTED,
            REASONS.SPAM,
            True,
        ),
        (event("Delivery", delivery={}), KINDS.DELIVERED, None, False),
        (event("DeliveryDelay", deliveryDelay={}), KINDS.DEFERRED, None, False),
        (event("Send", send={}), KINDS.QUEUED, None, False),
        (event("Reject", reject={"reason": "Bad content"}), KINDS.REJECTED, REASONS.BLOCKED, False),
        (event("Rendering Failure"), KINDS.FAILED, REASONS.OTHER, False),
        (event("Open"), KINDS.OPENED, None, False),
        (event("Click"), KINDS.CLICKED, None, False),
        (event("Subscription"), KINDS.UNKNOWN, None, False),
        ({"notificationType": "Delivery", "mail": MAIL}, KINDS.DELIVERED, None, False),
    ],
)
def test_each_event_has_its_meaning(
    said: dict[str, Any], kind: EventKind, reason: RejectReason | None, is_permanent: bool
) -> None:
    [found] = parse_events(post(said))

    assert (found.kind, found.reject_reason, found.is_permanent) == (kind, reason, is_permanent)
    assert found.address_digest == digest_address(READER)


def test_each_reader_of_a_report_is_an_event_with_an_id_of_its_own() -> None:
    said = event("Delivery", delivery={"recipients": [READER, "other@example.com"]})

    first, second = parse_events(post(said))

    assert (first.event_id, second.event_id) == ("sns-1:0", "sns-1:1")
    assert second.address_digest == digest_address("other@example.com")
    assert parse_events(post(said)) == (first, second)


def test_what_the_receiving_server_said_is_kept() -> None:
    delay = {"delayType": "MailboxFull", "delayedRecipients": [{"emailAddress": READER}]}
    found = [
        parse_events(post(event("Delivery", delivery={"smtpResponse": "250 2.6.0 ok"})))[0],
        parse_events(post(event("DeliveryDelay", deliveryDelay=delay)))[0],
    ]

    assert [one.diagnostic for one in found] == ["250 2.6.0 ok", "MailboxFull"]


@pytest.mark.parametrize(
    "mail",
    [
        {},
        {"tags": [], "destination": "x", "timestamp": "soon"},
        {"tags": {"batch": "kb", "row": [None]}, "destination": [None]},
        {"tags": {"batch": [], "row": ["-1"]}, "timestamp": 5},
    ],
)
def test_mail_that_is_not_ours_is_reported_without_what_it_lacks(mail: dict[str, Any]) -> None:
    [found] = parse_events(post({"eventType": "Open", "mail": mail}))

    assert (found.batch_key, found.row_id, found.occurred_at) == ("", None, None)
    assert found.address_digest == ""


def test_confirmations_and_the_word_of_a_set_up_topic_report_nothing() -> None:
    for said in (
        post("You have chosen to subscribe", Type="SubscriptionConfirmation"),
        post("You have chosen to leave", Type="UnsubscribeConfirmation"),
        post("Successfully validated SNS topic for Amazon SES event publishing."),
    ):
        assert parse_events(said) == ()


@pytest.mark.parametrize("text", ["", "hello", "[]", "{}", '{"eventType": "Open", "mail": 1}'])
def test_what_is_no_event_is_refused(text: str) -> None:
    with pytest.raises(CallbackError, match="no event of SES"):
        parse_events(post(text))
