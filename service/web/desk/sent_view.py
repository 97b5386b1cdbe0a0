"""What left last, with its accounting."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from service.model.delivery import Accounting
from service.model.edition import Edition
from service.model.newsletter import Newsletter
from service.model.publication import Publication
from service.web.desk.edition_words import name_ends, name_kind, show_state
from service.web.desk.moments import Moment, write_when
from service.web.desk.post_lines import Badge
from service.words.voice import Voice

_KINDS = {"accepted": "", "unknown": "warn", "waiting": "warn", "refused": "hot"}


@dataclass(frozen=True, slots=True)
class SentView:
    """An edition that left: the `total` it was frozen for, and what became of them.

    `kind` names the newsletter too where the name does not. `parts` are a label, a number, and
    how bad that is.
    """

    path: str
    name: str
    kind: str
    when: Moment
    badge: Badge
    total: str
    parts: tuple[tuple[str, str, str], ...]


def show_sent(
    voice: Voice,
    publication: Publication,
    newsletters: Mapping[str, Newsletter],
    edition: Edition,
    accounting: Accounting,
    now: datetime,
) -> SentView:
    """A sent edition in the visitor's language."""
    newsletter = newsletters.get(edition.newsletter_id)
    title = newsletter.title if newsletter else edition.newsletter_id
    return SentView(
        path=f"/desk/editions/{edition.edition_id}",
        name=edition.subject or title,
        kind=" · ".join(filter(None, (edition.subject and title, name_kind(voice, edition)))),
        when=write_when(voice, publication, edition.frozen_at or edition.created_at, now),
        badge=show_state(voice, edition),
        total=voice.say_count("{count} reader", "{count} readers", accounting.frozen),
        parts=tuple(_list_parts(voice, accounting)),
    )


def _list_parts(voice: Voice, counted: Accounting) -> Iterator[tuple[str, str, str]]:
    for label, count, name in name_ends(voice, counted):
        if count or name == "accepted":
            yield label, f"{count:,}", _KINDS.get(name, "quiet")
