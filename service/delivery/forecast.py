"""Who would get what next: the same rules as a freeze, and nothing is written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlalchemy import Connection

from service.delivery.by_hand import ByHand, compose_by_hand, find_asked
from service.delivery.press import Press
from service.delivery.prospects import Prospect, list_prospects
from service.delivery.shares import Share, share_out
from service.delivery.stock import find_served, take_stock
from service.model.edition import Candidate, Edition
from service.model.newsletter import Cadence, Newsletter
from service.model.post import Post
from service.store.database import Database
from service.store.editions import find_edition_by_key
from service.store.news import find_mark
from service.store.posts import find_html


@dataclass(frozen=True, slots=True)
class Outlook:
    """A prospect with everybody it would go to."""

    prospect: Prospect
    shares: tuple[Share, ...]


@dataclass(frozen=True, slots=True)
class HandOutlook:
    """What an edition by hand would be: `known` when its key was used already."""

    known: Edition | None
    subject: str
    posts: tuple[Post, ...]
    shares: Mapping[Cadence, tuple[Share, ...]]


def forecast(
    database: Database, press: Press, now: datetime, newsletters: Iterable[Newsletter]
) -> list[Outlook]:
    """For each newsletter and cadence, what leaves next as seen from `now`; sends nothing."""
    outlooks: list[Outlook] = []
    with database.reading() as connection:
        for newsletter in newsletters:
            for cadence in newsletter.cadences:
                outlooks += [
                    Outlook(prospect, share_out(connection, press, prospect, (cadence,)))
                    for prospect in list_prospects(connection, press, newsletter, cadence, now)
                ]
    return outlooks


def forecast_by_hand(database: Database, press: Press, asked: ByHand, now: datetime) -> HandOutlook:
    """Who would get an edition by hand, by cadence; raises as opening it would."""
    with database.reading() as connection:
        known = find_edition_by_key(connection, asked.newsletter_id, None, asked.key)
        if known is not None:
            return HandOutlook(known, known.subject, (), {})
        candidates = list_asked(connection, press, asked, now)
        edition = compose_by_hand(asked, find_mark(connection, asked.newsletter_id), now)
        prospect = Prospect(edition, tuple(candidates), "")
        shares = {
            cadence: share_out(connection, press, prospect, (cadence,))
            for cadence in asked.audience.cadences or tuple(Cadence)
        }
        language = press.find_newsletter(asked.newsletter_id).language
        drafted = press.draft(edition, candidates, language, partial(find_html, connection))
    subject = drafted.rendered.subject if drafted else ""
    return HandOutlook(None, subject, tuple(one.post for one in candidates), shares)


def list_asked(
    connection: Connection, press: Press, asked: ByHand, now: datetime
) -> list[Candidate]:
    """The posts that an edition by hand would carry: those named, or everybody's news."""
    newsletter = press.find_newsletter(asked.newsletter_id)
    if asked.posts:
        return find_asked(connection, newsletter, asked.posts, now)
    if asked.intro:
        return []
    cadences = asked.audience.cadences or tuple(Cadence)
    served = find_served(connection, newsletter, cadences)
    return take_stock(connection, newsletter, served).list_by(now)
