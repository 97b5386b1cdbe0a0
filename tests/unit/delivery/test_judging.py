from __future__ import annotations

from datetime import date, timedelta

import pytest

from service.delivery.judging import Judgement, is_worn_out, judge_event
from service.model.delivery import DeliveryState
from service.model.event import EventKind, ProviderEvent, RejectReason
from service.model.subscriber import SuppressionReason

HARD, COMPLAINT = SuppressionReason.HARD_BOUNCE, SuppressionReason.COMPLAINT
BOUNCED, INVALID = RejectReason.BOUNCED, RejectReason.INVALID
TODAY = date(2025, 10, 20)


def bounce(
    diagnostic: str,
    *,
    reason: RejectReason = BOUNCED,
    is_permanent: bool = True,
    kind: EventKind = EventKind.BOUNCED,
) -> ProviderEvent:
    return ProviderEvent(
        kind, "e1", reject_reason=reason, is_permanent=is_permanent, diagnostic=diagnostic
    )


@pytest.mark.parametrize(
    ("kind", "judgement"),
    [
        (EventKind.QUEUED, Judgement()),
        (EventKind.SENT, Judgement()),
        (EventKind.OPENED, Judgement()),
        (EventKind.AUTORESPONDED, Judgement()),
        (EventKind.SUBSCRIBED, Judgement()),
        (EventKind.UNKNOWN, Judgement()),
        (EventKind.DEFERRED, Judgement(DeliveryState.DEFERRED)),
        (EventKind.DELIVERED, Judgement(DeliveryState.DELIVERED, is_alive=True)),
        (
            EventKind.COMPLAINED,
            Judgement(DeliveryState.COMPLAINED, "complaint", suppress=COMPLAINT),
        ),
        (EventKind.UNSUBSCRIBED, Judgement(leaves=True)),
        (EventKind.FAILED, Judgement(DeliveryState.BOUNCED, "failed")),
    ],
)
def test_what_follows_from_each_kind(kind: EventKind, judgement: Judgement) -> None:
    assert judge_event(ProviderEvent(kind, "e1")) == judgement


@pytest.mark.parametrize(
    "event",
    [
        bounce("550 5.1.1 no such user"),
        bounce("550-5.1.1. The account does not exist"),
        bounce("smtp; 550 5.1.10 RecipientNotFound"),
        bounce("550 5.1.2 bad destination system"),
        bounce("5.4.4 domain not found"),
        bounce("550 Requested action not taken: mailbox unavailable"),
        bounce("550 5.5.0 Requested action not taken: mailbox unavailable"),
        bounce("550 5.0.0 unknown"),
        bounce(""),
        bounce("", reason=INVALID, kind=EventKind.REJECTED),
        bounce("605 Not delivering to previously bounced address", kind=EventKind.REJECTED),
    ],
)
def test_who_is_not_there_is_suppressed_at_once(event: ProviderEvent) -> None:
    judged = judge_event(event)
    assert (judged.suppress, judged.is_soft) == (HARD, False)


@pytest.mark.parametrize(
    "event",
    [
        bounce("550 5.7.1 not authorised"),
        bounce("550 5.7.26 DMARC fails, and 5.1.1"),
        bounce("554 5.6.0 content"),
        bounce("552 5.3.4 too large"),
        bounce("550 5.1.8 sender address rejected"),
        bounce("550 5.0.0 blocked using zen.spamhaus.org"),
        bounce("554 Service unavailable; client host blocked by reputation"),
        bounce("550 5.1.1 no such user", reason=RejectReason.BLOCKED),
        bounce("spam content", reason=RejectReason.SPAM, is_permanent=False),
        bounce("", reason=RejectReason.OTHER, is_permanent=False),
        bounce("421 4.7.0 too many messages", is_permanent=False),
    ],
)
def test_what_is_said_about_us_never_blames_the_address(event: ProviderEvent) -> None:
    judged = judge_event(event)
    assert judged.state is DeliveryState.BOUNCED
    assert (judged.suppress, judged.is_soft) == (None, False)


@pytest.mark.parametrize(
    "event",
    [
        bounce("452 4.2.2 mailbox full", is_permanent=False),
        bounce("552 5.2.2 mailbox full"),
        bounce("550 5.2.1 mailbox disabled"),
        bounce("550 5.4.1 host does not answer"),
        bounce("", is_permanent=False),
        bounce("too old", reason=RejectReason.TIMED_OUT, is_permanent=False),
    ],
)
def test_what_may_pass_is_only_counted(event: ProviderEvent) -> None:
    judged = judge_event(event)
    assert (judged.suppress, judged.is_soft) == (None, True)


def test_who_complained_before_at_the_provider_has_complained_here() -> None:
    event = bounce("", reason=RejectReason.SPAM, kind=EventKind.REJECTED)
    assert judge_event(event).suppress is COMPLAINT


def test_who_left_at_the_provider_leaves_here() -> None:
    event = bounce("", reason=RejectReason.UNSUBSCRIBED, kind=EventKind.REJECTED)
    judged = judge_event(event)
    assert (judged.leaves, judged.suppress, judged.is_soft) == (True, None, False)


@pytest.mark.parametrize(
    ("diagnostic", "reason"),
    [
        ("550 5.1.1 john.doe: no such user", "bounced 5.1.1"),
        ("550 john.doe is unknown here", "bounced 550"),
        ("john.doe is unknown at 192.0.2.5.1.1", "bounced"),
    ],
)
def test_the_reason_kept_is_a_code_and_none_of_the_servers_words(
    diagnostic: str, reason: str
) -> None:
    assert judge_event(bounce(diagnostic)).reason == reason


@pytest.mark.parametrize(
    ("days_ago", "is_over"),
    [
        ((), False),
        ((0,), False),
        ((0, 7, 14, 21), False),
        ((0, 7, 14, 21, 28), True),
        ((0, 1, 2, 3, 4, 5, 6, 7), False),
        ((0, 1, 2, 3, 13), False),
        ((0, 1, 2, 3, 14), True),
        ((0, 30, 60, 90, 120), True),
        ((0, 30, 60, 90, 121), False),
    ],
)
def test_an_address_wears_out_over_days(days_ago: tuple[int, ...], is_over: bool) -> None:
    assert is_worn_out([TODAY - timedelta(days=ago) for ago in days_ago]) is is_over
