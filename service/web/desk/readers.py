"""All readers: how many, how that grew, who they are, and who waits to become one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import islice
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Form
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from service.audience.exchange import ExportRow, stream_export
from service.membership import admit_domain, drop_signups, export_readers
from service.model.editor import Role
from service.model.subscriber import SubscriptionState
from service.store.growth import list_growth
from service.store.readership import (
    ListedReader,
    count_readers,
    list_reader_page,
    search_readers,
)
from service.store.signups import count_domains, find_held
from service.web.desk.desk import Desk
from service.web.desk.growth_plot import list_midnights, plot_growth
from service.web.desk.reader_words import name_state
from service.web.desk.readership_view import show_counts, show_readers
from service.web.desk.visits import DESK_HEADERS, visit_of

ROOT = "/desk/readers"
_MOST_DOMAINS = 10
_LONGEST_SEARCH = 254
_LINES_AT_ONCE = 500


class Readers:
    """The pages at /desk/readers that are about all of them."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._works = desk.works
        desk.page(ROOT, self.show_all)
        desk.action(f"{ROOT}/search", self.search)
        desk.action(f"{ROOT}/export", self.export)
        desk.action(f"{ROOT}/waiting/let-go", self.let_go)
        desk.action(f"{ROOT}/waiting/drop", self.drop_waiting)

    def show_all(
        self, request: Request, newsletter: str = "", state: str = "", before: int | None = None
    ) -> Response:
        """The counts, the growth of a newsletter, and readers by newsletter and state."""
        voice = visit_of(request).voice
        newsletters = self._works.register.newsletters
        chosen = newsletter if newsletter in newsletters else ""
        stands = SubscriptionState(state) if state in set(SubscriptionState) else None
        grown = chosen or next(iter(newsletters))
        midnights = list_midnights(self._works.clock(), self._desk.publication.zone)
        with self._works.database.reading() as connection:
            counts = count_readers(connection)
            days = list_growth(connection, grown, midnights)
            readers, older = list_reader_page(connection, chosen, stands, before)
            waiting = self._show_waiting(request, connection)
        asked: dict[str, object] = {"newsletter": chosen, "state": stands or ""}
        return self._render(
            request,
            readers,
            {
                "counts": show_counts(voice, newsletters, counts),
                "growth": plot_growth(days, self._desk.publication.zone, voice),
                "grown": newsletters[grown].title,
                "waiting": waiting,
                "asked": asked,
                "is_asked": bool(chosen or stands or before),
                "newest": _make_path(asked) if before else "",
                "older": _make_path({**asked, "before": older}) if older else "",
            },
        )

    def search(
        self, request: Request, q: Annotated[str, Form(max_length=_LONGEST_SEARCH)] = ""
    ) -> Response:
        """Readers by the beginning of their address or its domain: no address in any URL."""
        text = q.strip().lower()
        with self._works.database.reading() as connection:
            readers, is_more = search_readers(connection, text) if text else ([], False)
        return self._render(request, readers, {"q": q.strip(), "is_more": is_more})

    def export(self, request: Request, newsletter: Annotated[str, Form()] = "") -> Response:
        """Every reader as a sheet that brings them in again."""
        if newsletter:
            self._works.register.find_newsletter(newsletter)
        works, now = self._works, self._works.clock()
        actor = visit_of(request).actor
        rows = export_readers(works.database, newsletter or None, now, by=actor)
        day = self._desk.publication.localise(now).date()
        headers = {
            **DESK_HEADERS,
            "Content-Disposition": f'attachment; filename="readers-{day}.csv"',
        }
        return StreamingResponse(
            _stream(rows), headers=headers, media_type="text/csv; charset=utf-8"
        )

    def let_go(self, request: Request, domain: Annotated[str, Form()]) -> Response:
        """Ask everybody at a domain to confirm now, whatever the caps say."""
        works, actor = self._works, visit_of(request).actor
        admit_domain(works.database, works.register, domain.lower(), works.clock(), by=actor)
        return self._desk.done(ROOT, "signups-let-go")

    def drop_waiting(self, request: Request, domain: Annotated[str, Form()]) -> Response:
        """Forget the sign-ups that wait for addresses at a domain."""
        works, actor = self._works, visit_of(request).actor
        drop_signups(works.database, domain.lower(), works.clock(), by=actor)
        return self._desk.done(ROOT, "signups-dropped")

    def _show_waiting(self, request: Request, connection: Connection) -> dict[str, object]:
        """Sign-ups that wait for their mail; the domains are for those who may see addresses."""
        held = find_held(connection)
        may_look = visit_of(request).may(Role.EDITOR)
        return {
            "held": held.count if held else 0,
            "since": self._desk.write_moment(request, held.since_at) if held else "",
            "domains": count_domains(connection, _MOST_DOMAINS) if may_look else [],
            "per_hour": self._works.register.signup.per_hour,
        }

    def _render(
        self, request: Request, readers: list[ListedReader], context: dict[str, object]
    ) -> Response:
        visit = visit_of(request)
        newsletters = self._works.register.newsletters
        nothing: dict[str, object] = {
            "q": "", "is_more": False, "counts": [], "growth": None, "grown": "", "waiting": None,
            "asked": {"newsletter": "", "state": ""}, "is_asked": True, "newest": "", "older": "",
        }  # fmt: skip

        def write_day(moment: datetime) -> str:
            return visit.voice.write_date(self._desk.publication.localise(moment).date())

        return self._desk.render(
            request,
            "desk/readers.html",
            {
                **nothing,
                **context,
                "readers": show_readers(
                    visit.voice, newsletters, readers, write_day, names=visit.may(Role.EDITOR)
                ),
                "newsletters": [(one.newsletter_id, one.title) for one in newsletters.values()],
                "states": [(one, name_state(visit.voice, one)) for one in SubscriptionState],
            },
        )


def _stream(rows: Iterator[ExportRow]) -> Iterator[bytes]:
    lines = stream_export(rows)
    while part := list(islice(lines, _LINES_AT_ONCE)):
        yield "".join(part).encode()


def _make_path(asked: Mapping[str, object]) -> str:
    named = {name: value for name, value in asked.items() if value}
    return f"{ROOT}?{urlencode(named)}" if named else ROOT
