"""The doors of links that live an hour: a copy of one's data, erasing it, another address.

Whoever opens one learns nothing of the reader but that the link is good. A link that is not, or
is no longer, is answered by the pages for problems.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from service.audience.tokens import Purpose
from service.errors import AddressError, NotAllowedError, TokenError
from service.membership import (
    Moved,
    ask_new_address,
    ask_to_be_erased,
    confirm_new_address,
    disclose,
    find_asked_change,
    find_fresh_reader,
    find_language,
)
from service.model.subscriber import Subscriber
from service.web.data_sayings import (
    ask_for_address,
    ask_to_erase,
    ask_to_move,
    offer_export,
    say_address_mailed,
    say_erasing,
    say_moved,
    say_refused,
    say_taken,
)
from service.web.faults import say_fault
from service.web.parts import WebParts
from service.web.rendering import PageRenderer
from service.web.same_site import refuse_other_sites
from service.web.saying import Saying
from service.web.security import PRIVATE
from service.web.signup import read_fields
from service.web.signup_form import NARROW, Fault, Fields
from service.words.catalogues import find_voice
from service.words.voice import Voice

_GET = ["GET", "HEAD"]


class SelfServicePages:
    """A page with one button for each; pressing again is always harmless."""

    def __init__(self, parts: WebParts, renderer: PageRenderer) -> None:
        self._parts = parts
        self._renderer = renderer

    def routes(self) -> APIRouter:
        """Where they live."""
        router = APIRouter()
        for purpose, show, press in (
            (Purpose.EXPORT, self.show_export, self.export),
            (Purpose.ERASE, self.show_erase, self.erase),
            (Purpose.ADDRESS, self.show_address, self.ask_address),
            (Purpose.NEW_ADDRESS, self.show_new_address, self.confirm_address),
        ):
            place = f"/{purpose}/{{token}}"
            router.add_api_route(place, show, methods=_GET)
            pressed = [Depends(self.check_origin)]
            router.add_api_route(place, press, methods=["POST"], dependencies=pressed)
        return router

    def check_origin(self, request: Request) -> None:
        """Take forms of our own pages alone."""
        refuse_other_sites(request, self._parts.register.publication.service_url)

    def show_export(self, token: str) -> Response:
        """Offer a copy of everything that is kept."""
        reader = self._find(Purpose.EXPORT, token)
        return self._say(reader.subscriber_id, offer_export)

    def export(self, token: str) -> Response:
        """Everything that is kept of the reader, as a file."""
        parts = self._parts
        found = disclose(parts.database, parts.register, token, parts.clock())
        name = f"kawaraban-{found['made_at']:%Y-%m-%d}.json"
        return Response(
            json.dumps(found, ensure_ascii=False, indent=2, default=_write_value) + "\n",
            media_type="application/json",
            headers={**PRIVATE, "Content-Disposition": f'attachment; filename="{name}"'},
        )

    def show_erase(self, token: str) -> Response:
        """Ask whether to erase, or say that it is being done."""
        reader = self._find(Purpose.ERASE, token, may_be_gone=True)
        choose = say_erasing if reader.address is None else ask_to_erase
        return self._say(reader.subscriber_id, choose)

    def erase(self, token: str) -> Response:
        """End everything at once, and have the reader forgotten."""
        reader, parts = self._find(Purpose.ERASE, token, may_be_gone=True), self._parts
        if reader.address is not None:
            ask_to_be_erased(parts.database, parts.register, reader.address, parts.clock())
        return self._say(reader.subscriber_id, say_erasing)

    def show_address(self, token: str) -> Response:
        """Ask for the new address."""
        return self._render_address(self._find(Purpose.ADDRESS, token))

    def ask_address(self, token: str, fields: Annotated[Fields, Depends(read_fields)]) -> Response:
        """Mail a link to the new address; the same answer whoever has it."""
        reader, parts = self._find(Purpose.ADDRESS, token), self._parts
        typed = (fields.get("email") or ("",))[-1].strip().translate(NARROW)
        try:
            ask_new_address(parts.database, parts.register, token, typed, parts.clock())
        except AddressError:
            return self._render_address(reader, typed, Fault("address" if typed else "missing new"))
        return self._say(reader.subscriber_id, say_address_mailed)

    def show_new_address(self, token: str) -> Response:
        """Ask whether mail shall come to this address, or say that it does."""
        parts = self._parts
        change = find_asked_change(parts.database, parts.register, token, parts.clock())
        choose = ask_to_move if change.done_at is None else say_moved
        return self._say(change.subscriber_id, choose)

    def confirm_address(self, token: str) -> Response:
        """Write to the new address from now on."""
        parts = self._parts
        now, contact = parts.clock(), parts.register.sender.contact
        change = find_asked_change(parts.database, parts.register, token, now)
        try:
            moved = confirm_new_address(parts.database, parts.register, token, now)
        except NotAllowedError:
            return self._say(
                change.subscriber_id,
                lambda voice: say_refused(voice, contact),
            )
        choose = say_moved if moved is Moved.DONE else say_taken
        return self._say(change.subscriber_id, choose)

    def _find(self, purpose: Purpose, token: str, *, may_be_gone: bool = False) -> Subscriber:
        parts = self._parts
        reader = find_fresh_reader(parts.database, parts.register, purpose, token, parts.clock())
        if reader.address is None and not may_be_gone:
            raise TokenError("this link belongs to somebody who was erased")
        return reader

    def _say(self, subscriber_id: int, choose: Callable[[Voice], Saying]) -> Response:
        language = self._find_language(subscriber_id)
        return self._renderer.render(
            "reader/saying.html",
            {"saying": choose(find_voice(language))},
            language=language,
            headers=PRIVATE,
        )

    def _render_address(
        self, reader: Subscriber, typed: str = "", fault: Fault | None = None
    ) -> Response:
        language = self._find_language(reader.subscriber_id)
        voice = find_voice(language)
        return self._renderer.render(
            "reader/address.html",
            {
                "saying": ask_for_address(voice),
                "typed": typed[:254],
                "fault": say_fault(voice, fault) if fault else "",
            },
            status=422 if fault else 200,
            language=language,
            headers=PRIVATE,
        )

    def _find_language(self, subscriber_id: int) -> str:
        parts = self._parts
        return find_language(parts.database, parts.register, subscriber_id)


def _write_value(value: object) -> str:
    """A date or moment as JSON has it."""
    if isinstance(value, date | datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no form in JSON")
