"""Whom a prospect would go to: readers shared out by what they would get, or why nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlalchemy import Connection

from service.delivery.drafted import ReadHtml
from service.delivery.press import Press
from service.delivery.prospects import Prospect
from service.delivery.serving import Served, find_had, serve_group
from service.editions.select import select_posts
from service.model.edition import Candidate, Edition, Selection
from service.model.newsletter import Cadence
from service.store.audience import AudienceQuery, ReaderGroup, Span, list_reader_groups
from service.store.posts import find_html


@dataclass(frozen=True, slots=True)
class Share:
    """Readers who would get the same mail, or nothing for the same reason (`skipped`).

    `leaves` counts them by the moment from which their mail may leave.
    """

    readers: int
    language: str
    subject: str
    selection: Selection
    skipped: str
    leaves: tuple[tuple[datetime, int], ...]


def share_out(
    connection: Connection,
    press: Press,
    prospect: Prospect,
    cadences: tuple[Cadence, ...],
    span: Span | None = None,
) -> tuple[Share, ...]:
    """Everybody of these cadences (in the span) by what they would get, the many first."""
    edition = prospect.edition
    alike: dict[tuple[str, str, tuple[int, ...]], list[Served]] = {}
    for served in serve_readers(connection, prospect, cadences, span):
        ids = tuple(one.post.post_id for one in served.candidates)
        language = "" if served.skipped else served.group.language
        alike.setdefault((served.skipped, language, ids), []).append(served)
    read_html = partial(find_html, connection)
    shares = [_describe_share(press, edition, one, read_html) for one in alike.values()]
    return tuple(sorted(shares, key=lambda share: (bool(share.skipped), -share.readers)))


def serve_readers(
    connection: Connection,
    prospect: Prospect,
    cadences: tuple[Cadence, ...],
    span: Span | None = None,
) -> list[Served]:
    """Which of the prospect's posts each group of readers would get, by the rule of the freeze."""
    edition = prospect.edition
    had = find_had(connection, edition, prospect.candidates)
    audience = AudienceQuery(edition.newsletter_id, cadences, tuple(had), edition.freeze_at)
    groups: Sequence[ReaderGroup] = list_reader_groups(connection, audience, span)
    return [
        serve_group(edition, prospect.candidates, group, had, audience.variant_ids)
        for group in groups
    ]


def _describe_share(
    press: Press, edition: Edition, servings: Sequence[Served], read_html: ReadHtml
) -> Share:
    first = servings[0]
    drafted = (
        None
        if first.skipped
        else press.draft(edition, first.candidates, first.group.language, read_html)
    )
    return Share(
        readers=sum(served.group.count for served in servings),
        language=first.group.language,
        subject=drafted.rendered.subject if drafted else "",
        selection=choose_posts(
            press, edition, first.candidates, len(drafted.post_ids) if drafted else 0
        ),
        skipped=first.skipped or ("" if drafted else "nothing to say"),
        leaves=_count_leaving(press, edition, servings) if drafted else (),
    )


def choose_posts(
    press: Press, edition: Edition, candidates: Sequence[Candidate], fitting: int
) -> Selection:
    """The same choice that the press made, which may have had to leave out some for size."""
    newsletter = press.find_newsletter(edition.newsletter_id)
    return select_posts(
        candidates,
        max_posts=fitting,
        group_by=newsletter.group_by,
        fold=not edition.audience.names_posts,
    )


def _count_leaving(
    press: Press, edition: Edition, servings: Sequence[Served]
) -> tuple[tuple[datetime, int], ...]:
    leaves_at = press.prepare_freezing().leaves_at
    counts: Counter[datetime] = Counter()
    for served in servings:
        group = served.group
        moment = leaves_at(edition, group.send_hour, group.timezone) or edition.freeze_at
        counts[moment] += group.count
    return tuple(sorted(counts.items()))
