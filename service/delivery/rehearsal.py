"""Test mail: an edition as it would look, or as it is, to a few addresses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

from sqlalchemy import Connection

from service.delivery.by_hand import ByHand, compose_by_hand
from service.delivery.drafted import Drafted
from service.delivery.forecast import list_asked
from service.delivery.press import Press
from service.delivery.preview import preview_open
from service.errors import NotAllowedError
from service.model.editor import Actor
from service.store.audit import record_action
from service.store.database import Database
from service.store.news import find_mark
from service.store.notices import Notice, plan_notice
from service.store.posts import find_html
from service.words.catalogues import find_voice

PURPOSE = "test"


def plan_rehearsal(
    database: Database,
    press: Press,
    asked: ByHand,
    addresses: Sequence[str],
    now: datetime,
    *,
    by: Actor,
) -> list[int]:
    """Plan one test mail to each address (normalised); the batch ids.

    The same key on the same day plans nothing a second time. Raises NotAllowedError when
    there is nothing to show.
    """
    newsletter = press.find_newsletter(asked.newsletter_id)
    with database.writing() as connection:
        candidates = list_asked(connection, press, asked, now)
        edition = compose_by_hand(asked, find_mark(connection, asked.newsletter_id), now)
        read_html = partial(find_html, connection)
        drafted = press.draft(edition, candidates, newsletter.language, read_html)
        if drafted is None:
            raise NotAllowedError("there is no news to send; name posts, or give an introduction")
        topic = f"{asked.newsletter_id}:{asked.key}"
        planned = _plan(connection, press, drafted, topic, addresses, now)
        _record(connection, by, f"newsletter:{asked.newsletter_id}", planned, now)
        return planned


def rehearse_edition(
    database: Database,
    press: Press,
    edition_id: int,
    variant: int,
    addresses: Sequence[str],
    now: datetime,
    *,
    by: Actor,
) -> list[int]:
    """Plan a variant of an edition, by its number in the preview, as test mail; the batch ids.

    The same mail to the same address (normalised) is planned once a day, and again when an
    editor changed the edition. Raises NotAllowedError for an edition or variant there is not.
    """
    with database.writing() as connection:
        preview = preview_open(connection, press, edition_id, now)
        shown = preview.find_variant(variant)
        drafted = Drafted(shown.rendered, shown.language, shown.post_ids)
        topic = f"e{edition_id}:{preview.edition.revision}:{shown.key}"
        planned = _plan(connection, press, drafted, topic, addresses, now)
        _record(connection, by, f"edition:{edition_id}", planned, now)
        return planned


def _plan(
    connection: Connection,
    press: Press,
    drafted: Drafted,
    topic: str,
    addresses: Sequence[str],
    now: datetime,
) -> list[int]:
    voice = find_voice(drafted.language)
    subject = voice.say("[test] {subject}", subject=drafted.rendered.subject)
    rendered = replace(drafted.rendered, subject=subject)
    day = now.astimezone(press.publication.zone).date()
    planned = [
        plan_notice(
            connection,
            Notice(PURPOSE, topic, address, day, rendered),
            account=press.account,
            key_prefix=f"kb-{press.installation}",
            now=now,
        )
        for address in addresses
    ]
    batch_ids = [batch_id for batch_id in planned if batch_id is not None]
    press.wake(connection, batch_ids)
    return batch_ids


def _record(
    connection: Connection, by: Actor, subject: str, planned: Sequence[int], now: datetime
) -> None:
    if planned:
        record_action(connection, by, "edition.test", subject, {"mails": len(planned)}, now)
