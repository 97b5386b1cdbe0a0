"""One reader: what they chose, agreed to and were sent, and what an editor may do for them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Annotated

from fastapi import Form
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from service.audience.exchange import ImportRow
from service.delivery.explaining import explain_reader
from service.errors import UsageError
from service.membership import (
    ask_again,
    erase_reader,
    leave_newsletter,
    look_up_link,
    remove_reader,
)
from service.model.editor import Role
from service.model.subscriber import Subscriber
from service.store.consents import list_past_consents
from service.store.readership import find_erased_at, list_reader_editions
from service.store.subscribers import Reader, list_readers_at
from service.web.desk.adding_readers import add_by_hand
from service.web.desk.desk import Desk
from service.web.desk.reader_choices import list_next
from service.web.desk.reader_door import find_or_404, show_who
from service.web.desk.reader_outlook import show_outlook
from service.web.desk.reader_view import Showing, read_history, show_editions, show_subscription
from service.web.desk.readers import ROOT
from service.web.desk.suppressed import read_address
from service.web.desk.visits import visit_of

_LONGEST_NOTE = 500


class OneReader:
    """The pages at /desk/readers/<number>."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._works = desk.works
        one = f"{ROOT}/{{reader_id}}"
        desk.page(one, self.show)
        desk.page(f"{one}/outlook", self.show_outlook)
        desk.action(f"{one}/add", self.add)
        desk.action(f"{one}/leave", self.leave)
        desk.action(f"{one}/confirm", self.ask_again)
        desk.action(f"{one}/link", self.show_link)
        desk.page(f"{one}/erase", self.ask_to_erase, needs=Role.EDITOR)
        desk.action(f"{one}/erase", self.erase)

    def show(
        self, request: Request, reader_id: int, before: int | None = None, *, link: str = ""
    ) -> Response:
        """Who it is, and page by page what they were sent or not; also a link just asked for."""
        visit = visit_of(request)
        with self._works.database.reading() as connection:
            reader = find_or_404(connection, reader_id)
            readers = list_readers_at(connection, reader.address or "")
            found = self._read(connection, request, reader, readers, before)
        return self._desk.render(
            request,
            "desk/reader.html",
            {
                **found,
                **show_who(visit, reader),
                "since": self._desk.write_moment(request, reader.created_at),
                "next": list_next(self._works, visit.voice, readers),
                "link": link,
                "others": self._list_others(readers),
            },
        )

    def show_outlook(self, request: Request, reader_id: int) -> Response:
        """What they get next, and of every other recent post why not."""
        visit, works = visit_of(request), self._works
        reader = self._find(reader_id)
        standings = explain_reader(works.database, works.press, reader.address or "", works.clock())
        shown = show_outlook(
            visit.voice, self._desk.publication, works.press.newsletters, standings
        )
        return self._desk.render(
            request, "desk/reader_outlook.html", {**show_who(visit, reader), "standings": shown}
        )

    def add(
        self,
        request: Request,
        reader_id: int,
        newsletter: Annotated[str, Form()],
        manner: Annotated[str, Form()] = "",
        note: Annotated[str, Form(max_length=_LONGEST_NOTE)] = "",
    ) -> Response:
        """Subscribe them to another newsletter."""
        reader = self._find(reader_id)
        actor = visit_of(request).actor
        row = ImportRow(address=reader.address or "", consent_source=f"desk: {actor.name}", line=1)
        said = add_by_hand(self._works, row, newsletter, manner, note, by=actor)
        return self._desk.done(f"{ROOT}/{reader_id}", said)

    def leave(
        self, request: Request, reader_id: int, newsletter: Annotated[str, Form()] = ""
    ) -> Response:
        """Unsubscribe them from a newsletter, or without one from all; their history stays."""
        works, reader, actor = self._works, self._find(reader_id), visit_of(request).actor
        if newsletter:
            leave_newsletter(works.database, reader_id, newsletter, works.clock(), by=actor)
        else:
            remove_reader(works.database, reader.address or "", works.clock(), by=actor)
        return self._desk.done(f"{ROOT}/{reader_id}", "reader-removed")

    def ask_again(self, request: Request, reader_id: int) -> Response:
        """Mail them once more to confirm."""
        works, actor = self._works, visit_of(request).actor
        self._find(reader_id)
        ask_again(works.database, works.register, reader_id, works.clock(), by=actor)
        return self._desk.done(f"{ROOT}/{reader_id}", "reader-asked")

    def show_link(self, request: Request, reader_id: int) -> Response:
        """The way to their own choices, shown once: it goes into no address and no log."""
        works, actor = self._works, visit_of(request).actor
        address = self._find(reader_id).address or ""
        link = look_up_link(works.database, works.register, address, works.clock(), by=actor)
        return self.show(request, reader_id, link=link)

    def ask_to_erase(self, request: Request, reader_id: int) -> Response:
        """What erasing does and what stays, before it is done."""
        reader = show_who(visit_of(request), self._find(reader_id))
        return self._desk.render(request, "desk/reader_erase.html", reader)

    def erase(
        self, request: Request, reader_id: int, address: Annotated[str, Form()] = ""
    ) -> Response:
        """Forget them for good; their address, typed once more, confirms it."""
        works, reader = self._works, self._find(reader_id)
        if read_address(address) != reader.address:
            raise UsageError("that is not this reader's address; nothing was erased")
        is_done = erase_reader(
            works.database,
            works.register,
            reader.address or "",
            works.clock(),
            works.mailbag.provider,
            by=visit_of(request).actor,
        )
        return self._desk.done(ROOT, "reader-erased" if is_done else "reader-being-erased")

    def _read(
        self,
        connection: Connection,
        request: Request,
        reader: Subscriber,
        readers: Sequence[Reader],
        before: int | None,
    ) -> dict[str, object]:
        """Their subscriptions, their editions before one, and what else is known of them."""
        showing = self._find_showing(request)
        reader_id = reader.subscriber_id
        ids = [one.subscription.newsletter_id for one in readers]
        editions, older = list_reader_editions(connection, reader_id, ids, before=before)
        subscriptions = [
            show_subscription(
                showing, one, list_past_consents(connection, one.subscription.subscription_id)
            )
            for one in readers
        ]
        return {
            **read_history(connection, showing, reader, self._works.clock()),
            "is_leaving": find_erased_at(connection, reader_id) is not None,
            "subscriptions": subscriptions,
            "is_pending": any(one.is_pending for one in subscriptions),
            "is_subscribed": any(not one.is_over for one in subscriptions),
            "editions": show_editions(showing, readers, editions),
            "older": f"{ROOT}/{reader_id}?before={older}" if older else "",
        }

    def _find_showing(self, request: Request) -> Showing:
        visit = visit_of(request)
        return Showing(
            visit.voice,
            self._works.register.newsletters,
            partial(self._desk.write_moment, request),
            visit.may(Role.EDITOR),
        )

    def _list_others(self, readers: Sequence[Reader]) -> list[tuple[str, str]]:
        """The newsletters they never had, by id and title."""
        theirs = {one.subscription.newsletter_id for one in readers}
        newsletters = self._works.register.newsletters
        return [(id_, one.title) for id_, one in newsletters.items() if id_ not in theirs]

    def _find(self, reader_id: int) -> Subscriber:
        with self._works.database.reading() as connection:
            return find_or_404(connection, reader_id)
