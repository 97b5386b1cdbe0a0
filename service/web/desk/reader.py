"""One reader: what they chose, agreed to and were sent, and what an editor may do for them."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Annotated

from fastapi import Depends, Form
from sqlalchemy import Connection
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from service.audience.exchange import ImportRow
from service.delivery.explaining import explain_reader
from service.errors import NotAllowedError, UsageError
from service.membership import (
    Standing,
    ask_again,
    choose,
    erase_reader,
    find_standing,
    leave_newsletter,
    link_choices,
    remove_reader,
)
from service.model.editor import Role
from service.model.subscriber import Subscriber, SubscriptionState
from service.store.consents import list_past_consents
from service.store.readership import find_erased_at, list_reader_editions
from service.store.subscribers import Reader, find_subscriber_by_id, list_readers_at
from service.web.desk.adding_readers import add_by_hand
from service.web.desk.desk import Desk
from service.web.desk.reader_outlook import show_outlook
from service.web.desk.reader_view import read_history, show_editions, show_subscription
from service.web.desk.readers import ROOT
from service.web.desk.suppressed import hide_addresses, read_address
from service.web.desk.visits import Visit, visit_of
from service.web.faults import say_fault
from service.web.preference_form import Chosen, read_choices, write_pause
from service.web.preference_view import PreferenceView, compose_preferences, list_spoken
from service.web.signup import read_fields
from service.web.signup_form import Fields

_LONGEST_NOTE = 500


class OneReader:
    """The pages at /desk/readers/<number>."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._works = desk.works
        one = f"{ROOT}/{{reader_id}}"
        desk.page(one, self.show)
        desk.page(f"{one}/outlook", self.show_outlook)
        desk.page(f"{one}/choices", self.show_choices, needs=Role.EDITOR)
        desk.action(f"{one}/choices", self.choose)
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
        visit, works = visit_of(request), self._works
        voice, newsletters = visit.voice, works.register.newsletters
        names, write = visit.may(Role.EDITOR), partial(self._desk.write_moment, request)
        with works.database.reading() as connection:
            reader = _find(connection, reader_id)
            readers = list_readers_at(connection, reader.address or "")
            erased_at = find_erased_at(connection, reader_id)
            ids = [one.subscription.newsletter_id for one in readers]
            editions, older = list_reader_editions(connection, reader_id, ids, before=before)
            subscriptions = [
                show_subscription(
                    voice,
                    newsletters,
                    one,
                    list_past_consents(connection, one.subscription.subscription_id),
                    write,
                    names=names,
                )
                for one in readers
            ]
            history = read_history(
                connection,
                voice,
                reader,
                works.clock(),
                write,
                names=names,
            )
        return self._desk.render(
            request,
            "desk/reader.html",
            {
                **history,
                **_show_reader(visit, reader),
                "since": self._desk.write_moment(request, reader.created_at),
                "is_leaving": erased_at is not None,
                "subscriptions": subscriptions,
                "is_pending": any(one.is_pending for one in subscriptions),
                "is_subscribed": any(not one.is_over for one in subscriptions),
                "next": self._list_next(visit, readers),
                "editions": show_editions(
                    voice,
                    newsletters,
                    readers,
                    editions,
                    write,
                    names=names,
                ),
                "older": f"{ROOT}/{reader_id}?before={older}" if older else "",
                "link": link,
                "others": [
                    (one.newsletter_id, one.title)
                    for one in newsletters.values()
                    if one.newsletter_id not in ids
                ],
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
            request, "desk/reader_outlook.html", {**_show_reader(visit, reader), "standings": shown}
        )

    def show_choices(self, request: Request, reader_id: int) -> Response:
        """What they chose, to be changed for them."""
        return self._show_choices(request, self._find(reader_id))

    def choose(
        self, request: Request, reader_id: int, fields: Annotated[Fields, Depends(read_fields)]
    ) -> Response:
        """Let what comes to them come as they asked an editor for it; nothing is added by it."""
        works, reader = self._works, self._find(reader_id)
        standing, now = self._find_standing(reader), works.clock()
        has = [id_ for id_, one in standing.choices.newsletters.items() if one.is_on]
        zone = works.register.publication.zone
        chosen = read_choices(
            {**fields, "newsletter": has}, standing, zone, list_spoken(standing), now
        )
        if chosen.faults:
            return self._show_choices(request, reader, chosen)
        choose(works.database, works.register, self._find_token(reader), chosen.choices, {}, now)
        self._desk.record(request, "reader.choose", f"reader:{reader_id}")
        return self._desk.done(f"{ROOT}/{reader_id}", "saved")

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
        source = f"desk: {visit_of(request).editor.shown_name}"
        row = ImportRow(address=reader.address or "", consent_source=source, line=1)
        said = add_by_hand(self._works, row, newsletter, manner, note)
        self._desk.record(
            request,
            "reader.add",
            f"reader:{reader_id}",
            newsletter=newsletter,
            manner=manner,
            note=hide_addresses(note),
        )
        return self._desk.done(f"{ROOT}/{reader_id}", said)

    def leave(
        self, request: Request, reader_id: int, newsletter: Annotated[str, Form()] = ""
    ) -> Response:
        """Unsubscribe them from a newsletter, or without one from all; their history stays."""
        works, reader = self._works, self._find(reader_id)
        if newsletter:
            leave_newsletter(works.database, reader_id, newsletter, works.clock())
        else:
            remove_reader(works.database, reader.address or "", works.clock())
        self._desk.record(request, "reader.remove", f"reader:{reader_id}", newsletter=newsletter)
        return self._desk.done(f"{ROOT}/{reader_id}", "reader-removed")

    def ask_again(self, request: Request, reader_id: int) -> Response:
        """Mail them once more to confirm."""
        works = self._works
        self._find(reader_id)
        ask_again(works.database, works.register, reader_id, works.clock())
        self._desk.record(request, "reader.ask", f"reader:{reader_id}")
        return self._desk.done(f"{ROOT}/{reader_id}", "reader-asked")

    def show_link(self, request: Request, reader_id: int) -> Response:
        """The way to their own choices, shown once: it goes into no address and no log."""
        works, reader = self._works, self._find(reader_id)
        link = link_choices(works.database, works.register, reader.address or "")
        self._desk.record(request, "reader.link", f"reader:{reader_id}")
        return self.show(request, reader_id, link=link)

    def ask_to_erase(self, request: Request, reader_id: int) -> Response:
        """What erasing does and what stays, before it is done."""
        reader = _show_reader(visit_of(request), self._find(reader_id))
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
        )
        self._desk.record(request, "reader.erase", f"reader:{reader_id}")
        return self._desk.done(ROOT, "reader-erased" if is_done else "reader-being-erased")

    def _show_choices(
        self, request: Request, reader: Subscriber, chosen: Chosen | None = None
    ) -> Response:
        visit = visit_of(request)
        form = self._compose_form(visit, reader, chosen)
        faults = [say_fault(visit.voice, one) for one in chosen.faults] if chosen else []
        return self._desk.render(
            request,
            "desk/reader_choices.html",
            {**_show_reader(visit, reader), "form": form, "faults": faults},
            status=422 if faults else 200,
        )

    def _list_next(self, visit: Visit, readers: list[Reader]) -> list[tuple[str, str]]:
        """When the next mail of each newsletter leaves, in so many words."""
        active = [one for one in readers if one.subscription.state is SubscriptionState.ACTIVE]
        if not active:
            return []
        form = self._compose_form(visit, active[0].subscriber)
        return [(one.title, one.next_mail) for one in form.newsletters if one.next_mail]

    def _compose_form(
        self, visit: Visit, reader: Subscriber, chosen: Chosen | None = None
    ) -> PreferenceView:
        """Their own page, in the language of whoever is at the desk."""
        register, standing = self._works.register, self._find_standing(reader)
        theirs = replace(standing.reader.subscription, language=visit.voice.language)
        zone = register.publication.zone
        return compose_preferences(
            replace(standing, reader=replace(standing.reader, subscription=theirs)),
            chosen or Chosen(standing.choices, write_pause(standing.choices, zone)),
            register.publication,
            register.sender.contact,
            self._works.clock(),
        )

    def _find_standing(self, reader: Subscriber) -> Standing:
        works = self._works
        token = self._find_token(reader)
        return find_standing(works.database, works.register, token, works.clock())

    def _find_token(self, reader: Subscriber) -> str:
        """What their own link proves who they are by."""
        works = self._works
        link = link_choices(works.database, works.register, reader.address or "")
        return link.rpartition("/")[2]

    def _find(self, reader_id: int) -> Subscriber:
        with self._works.database.reading() as connection:
            return _find(connection, reader_id)


def _find(connection: Connection, reader_id: int) -> Subscriber:
    found = find_subscriber_by_id(connection, reader_id) if reader_id < 2**63 else None
    if found is None:
        raise HTTPException(404)
    if found.address is None:
        raise NotAllowedError(f"reader {reader_id} was erased; nothing is known of them any more")
    return found


def _show_reader(visit: Visit, reader: Subscriber) -> dict[str, object]:
    """Who it is; only a number for those who may see no address."""
    names = visit.may(Role.EDITOR)
    return {
        "reader_id": reader.subscriber_id,
        "address": reader.address if names else "",
        "name": reader.name if names else "",
    }
