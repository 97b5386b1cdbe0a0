"""An edition on the terminal, and as scripts read it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import tzinfo

from rich.console import RenderableType

from service.cli.printing import count_of, make_table, write_minute, write_moment
from service.model.delivery import Accounting
from service.model.edition import Edition, Variant
from service.model.post import Post


def describe_edition(edition: Edition) -> dict[str, object]:
    """An edition for scripts."""
    return {
        "edition": edition.edition_id,
        "newsletter": edition.newsletter_id,
        "cadence": edition.cadence,
        "key": edition.key,
        "trigger": edition.trigger,
        "state": edition.state,
        "reason": edition.reason,
        "slot_at": edition.slot_at,
        "freeze_at": edition.freeze_at,
        "approved_at": edition.approved_at,
        "frozen_at": edition.frozen_at,
        "finished_at": edition.finished_at,
    }


def describe_accounting(count: Accounting) -> dict[str, object]:
    """The accounting for scripts."""
    return {
        "frozen": count.frozen,
        "accepted": count.accepted,
        "refused": count.refused,
        "suppressed": count.suppressed,
        "cancelled": count.cancelled,
        "unknown": count.unknown,
        "waiting": count.waiting,
        "adds_up": count.adds_up,
    }


def tabulate_editions(
    editions: Sequence[Edition], counts: Sequence[Accounting], zone: tzinfo
) -> RenderableType:
    """Editions for people, a line each, with what became of their readers."""
    rows = [
        (
            one.edition_id,
            one.newsletter_id,
            one.cadence or "by hand",
            write_minute(one.freeze_at, zone),
            one.state,
            count.frozen,
            count.accepted,
            count.waiting or None,
            count.unknown or None,
            one.reason,
        )
        for one, count in zip(editions, counts, strict=True)
    ]
    columns = ("#no", "newsletter", "cadence", "when", "state")
    numbers = ("#readers", "#accepted", "#waiting", "#unknown", "reason")
    return make_table((*columns, *numbers), rows) if rows else "No editions yet."


def list_carried(posts: Sequence[Post], shown: Collection[int]) -> list[RenderableType]:
    """The posts that some variant shows, and how many more count; all before there is any."""
    rows = [(post.title, post.path) for post in posts if post.post_id in shown or not shown]
    unshown = len(posts) - len(rows)
    lines: list[RenderableType] = [make_table(("post", "file"), rows), ""] if posts else []
    if unshown:
        lines += [f"{unshown} more are counted in it, not shown (--json lists them).", ""]
    return lines


def list_variants_made(variants: Sequence[Variant]) -> list[RenderableType]:
    """The variants for people, a line each."""
    columns = ("#variant", "language", "#posts", "#bytes", "subject")
    rows = [
        (
            one.variant_id,
            one.language,
            len(one.post_ids),
            len(one.rendered.html.encode()),
            one.rendered.subject,
        )
        for one in variants
    ]
    return [make_table(columns, rows), ""] if rows else []


def list_accounting(count: Accounting) -> list[RenderableType]:
    """The accounting for people, as the sum it is."""
    ends = ("accepted", "refused", "suppressed", "cancelled", "unknown", "waiting")
    total = f"{count_of(count.frozen, 'reader')} = "
    return [total + " + ".join(f"{getattr(count, end):,} {end}" for end in ends)]


def list_told(told: Mapping[str, int]) -> list[RenderableType]:
    """What the provider told of those it accepted, where it tells anything."""
    words = [f"{count:,} {state}" for state, count in told.items() if count]
    return [f"Of the accepted: {', '.join(words)}."] if words else []


def describe_variant(variant: Variant) -> dict[str, object]:
    """A variant for scripts."""
    return {
        "variant": variant.variant_id,
        "language": variant.language,
        "subject": variant.rendered.subject,
        "posts": len(variant.post_ids),
        "html_bytes": len(variant.rendered.html.encode()),
    }


def list_facts(edition: Edition, zone: tzinfo) -> dict[str, object]:
    """What is known of an edition, for people, times in a zone."""
    return {
        "edition": edition.edition_id,
        "newsletter": edition.newsletter_id,
        "cadence": edition.cadence or "by hand",
        "key": edition.key,
        "state": edition.state,
        "reason": edition.reason,
        "leaves": write_moment(edition.freeze_at, zone),
        "approved": write_moment(edition.approved_at, zone) or "not yet",
        "frozen": write_moment(edition.frozen_at, zone),
        "finished": write_moment(edition.finished_at, zone),
    }
