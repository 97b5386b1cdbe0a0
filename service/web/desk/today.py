"""The desk's first page: what leaves next, what needs a person, and what left."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from service.delivery.agenda import list_due
from service.delivery.conditions import find_conditions
from service.delivery.facts import read_facts
from service.model.delivery import Accounting
from service.model.edition import Edition
from service.store.counts import count_growth
from service.store.edition_list import find_subjects
from service.store.editions import list_latest_sent
from service.store.posts import load_bodies
from service.web.desk.counted import Ledger
from service.web.desk.desk import Desk
from service.web.desk.due_view import show_due
from service.web.desk.needs import find_held_ids, show_needs
from service.web.desk.sent_view import show_sent
from service.web.desk.stoppers import Stoppers, say_silence
from service.web.desk.visits import visit_of

_A_WEEK = timedelta(days=7)
_LAST_SENDS = 5


class Today:
    """The page at /desk."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._works = desk.works
        self._ledger = Ledger()
        desk.page("/desk", self.show)

    def show(self, request: Request) -> Response:
        """Everything as of now, in one transaction."""
        works, now = self._works, self._works.clock()
        voice, publication = visit_of(request).voice, self._desk.publication
        newsletters = works.press.newsletters
        with works.database.reading() as connection:
            facts = read_facts(connection, works.press, now, self._find_source())
            found = find_conditions(facts)
            bodies = load_bodies(connection, find_held_ids(found, facts))
            due = list_due(connection, works.press, newsletters.values(), now)
            sent = self._read_sent(connection)
            growth = count_growth(connection, now - _A_WEEK)
            silence = say_silence(connection, voice, publication, now)
        return self._desk.render(
            request,
            "desk/today.html",
            {
                "now": voice.write_moment(publication.localise(now)),
                "zone": publication.timezone,
                "due": [show_due(voice, publication, one, now) for one in due],
                "needs": show_needs(voice, publication, found, facts, bodies),
                "sent": [
                    show_sent(voice, publication, newsletters, edition, accounting, now)
                    for edition, accounting in sent
                ],
                "growth": growth,
                # What the desk settles is among the needs.
                "stoppers": Stoppers([], [voice.retell(one) for one in works.obstacles], silence),
            },
        )

    def _read_sent(self, connection: Connection) -> list[tuple[Edition, Accounting]]:
        """The last sends by the subjects they went under, each with its accounting."""
        latest = list_latest_sent(connection, _LAST_SENDS)
        language = self._desk.publication.language
        subjects = find_subjects(connection, [one.edition_id for one in latest], language)
        return [
            (
                replace(one, subject=subjects.get(one.edition_id, one.subject)),
                self._ledger.count(connection, one),
            )
            for one in latest
        ]

    def _find_source(self) -> str:
        repository = self._works.repository
        return repository.source.name if repository else ""
