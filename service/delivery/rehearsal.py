"""Test mail: an edition as it would look, to a few addresses, without an edition."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from service.delivery.forecast import list_asked
from service.delivery.opening import ByHand, compose_by_hand
from service.delivery.press import Press
from service.errors import NotAllowedError
from service.model.languages import primary_subtag
from service.store.database import Database
from service.store.news import find_mark
from service.store.notices import Notice, plan_notice

PURPOSE = "test"
_PREFIXES = {"ja": "【テスト】"}
_PREFIX = "[test] "


def plan_rehearsal(
    database: Database, press: Press, asked: ByHand, addresses: Sequence[str], now: datetime
) -> list[int]:
    """Plan one test mail to each address (normalised); the batch ids.

    The same key on the same day plans nothing a second time. Raises NotAllowedError when
    there is nothing to show.
    """
    newsletter = press.find_newsletter(asked.newsletter_id)
    with database.writing() as connection:
        candidates = list_asked(connection, press, asked, now)
        edition = compose_by_hand(asked, find_mark(connection, asked.newsletter_id), now)
        drafted = press.draft(edition, candidates, newsletter.language)
        if drafted is None:
            raise NotAllowedError("there is no news to send; name posts, or give an introduction")
        prefix = _PREFIXES.get(primary_subtag(newsletter.language), _PREFIX)
        rendered = replace(drafted.rendered, subject=prefix + drafted.rendered.subject)
        planned = [
            plan_notice(
                connection,
                Notice(
                    purpose=PURPOSE,
                    topic=f"{asked.newsletter_id}:{asked.key}",
                    address=address,
                    day=now.astimezone(press.publication.zone).date(),
                    rendered=rendered,
                ),
                account=press.account,
                key_prefix=f"kb-{press.installation}",
                now=now,
            )
            for address in addresses
        ]
        batch_ids = [batch_id for batch_id in planned if batch_id is not None]
        press.wake(connection, batch_ids)
    return batch_ids
