"""A reader on the terminal, and as scripts read of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo

from rich.console import RenderableType

from service.cli.printing import make_facts, make_table, write_minute
from service.membership import ImportReport
from service.store.history import PastDelivery
from service.store.subscribers import Reader
from service.store.suppressions import Suppression


def describe_added(report: ImportReport) -> str:
    """What became of one reader who was added by hand."""
    if report.suppressed:
        return "Not added: the address is suppressed; see: kawaraban suppressions list"
    if report.erased:
        return "Not added: the address was erased; only they themselves can sign up again"
    if report.already:
        return "Is subscribed already: nothing was changed."
    if report.confirmations:
        return "Added, and asked by mail to confirm: by a running `up`, or the next `tick`."
    return "Added."


def describe_suppression(one: Suppression) -> dict[str, object]:
    """Why nothing is sent to an address, for scripts."""
    return {"reason": one.reason, "note": one.note, "created_at": one.created_at}


def describe_past(past: PastDelivery) -> dict[str, object]:
    """An edition that a reader was sent, for scripts."""
    return {
        "edition": past.edition_id,
        "newsletter": past.newsletter_id,
        "key": past.key,
        "subject": past.subject,
        "posts": len(past.post_ids),
        "state": past.state,
        "reason": past.reason,
        "frozen_at": past.frozen_at,
    }


def list_reader(
    readers: Sequence[Reader],
    past: Sequence[PastDelivery],
    suppression: Suppression | None,
    paused_until: datetime | None,
    zone: tzinfo,
) -> list[RenderableType]:
    """A reader for people: what they chose and what they were sent, times in a zone."""
    facts = {
        "name": readers[0].subscriber.name,
        "paused until": write_minute(paused_until, zone),
        "note": _explain_suppression(suppression, zone),
    }
    mails = _tabulate_mails(past, zone) if past else "Nothing was sent to them yet."
    return [make_facts(facts), _tabulate_choices(readers, zone), "", mails]


def _explain_suppression(one: Suppression | None, zone: tzinfo) -> str:
    if one is None:
        return ""
    since = write_minute(one.created_at, zone)
    why = f"{one.reason}, {one.note}" if one.note else one.reason
    return f"the address is suppressed: nothing is sent to it since {since} ({why})"


def _tabulate_choices(readers: Sequence[Reader], zone: tzinfo) -> RenderableType:
    columns = ("newsletter", "state", "cadence", "topics", "#hour", "zone", "since", "consent")
    rows = [
        (
            one.subscription.newsletter_id,
            one.subscription.state,
            one.subscription.cadence,
            one.subscription.topics or "everything",
            one.subscription.send_hour,
            one.subscription.timezone,
            write_minute(one.subscription.created_at, zone),
            one.consent.source,
        )
        for one in readers
    ]
    return make_table(columns, rows)


def _tabulate_mails(past: Sequence[PastDelivery], zone: tzinfo) -> RenderableType:
    columns = ("#edition", "newsletter", "when", "state", "#posts", "subject")
    rows = [
        (
            one.edition_id,
            one.newsletter_id,
            write_minute(one.frozen_at, zone),
            f"{one.state} {one.reason}".strip(),
            len(one.post_ids),
            one.subject,
        )
        for one in past
    ]
    return make_table(columns, rows)
