"""What keeps every mail from leaving, as the pages say it that wait for one to leave."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from service.delivery.conditions import find_conditions
from service.delivery.facts import Facts
from service.engine.works import Works
from service.model.publication import Publication
from service.store.accounts import list_accounts
from service.store.attention import find_missing
from service.store.installation import find_installation
from service.web.desk.needs import NeedView, show_needs
from service.words.voice import Told, Voice

_SILENT_FOR = timedelta(minutes=5)
"""A clock looks at the posts every minute: after so long it is not running."""


@dataclass(frozen=True, slots=True)
class Stoppers:
    """Why nothing leaves: what the desk settles, what the configuration lacks, and silence.

    `silent_since` is when a clock was last heard of, "" while one is running; "–" for never.
    """

    needs: list[NeedView]
    obstacles: list[Told]
    silent_since: str

    def __bool__(self) -> bool:
        """Whether anything stops mail."""
        return bool(self.needs or self.obstacles or self.silent_since)


def find_stoppers(
    connection: Connection, works: Works, voice: Voice, publication: Publication, now: datetime
) -> Stoppers:
    """What stops mail through the account in use; usually nothing does."""
    ours = works.press.account
    facts = Facts(
        now=now,
        newsletters={},
        since={},
        numbered={},
        accounts=[one for one in list_accounts(connection) if one.account == ours],
        is_send_held=find_installation(connection).is_send_held,
    )
    needs = show_needs(voice, publication, find_conditions(facts), facts, {})
    obstacles = [voice.retell(one) for one in works.obstacles]
    return Stoppers(needs, obstacles, say_silence(connection, voice, publication, now))


def say_silence(
    connection: Connection, voice: Voice, publication: Publication, now: datetime
) -> str:
    """Since when no clock was heard of; "" while one is."""
    last = find_installation(connection).last_scan_at
    if last is None:
        return "–"
    # An emptied folder is looked at as well, and not believed.
    if now - last <= _SILENT_FOR or find_missing(connection) is not None:
        return ""
    return voice.write_moment(publication.localise(last))
