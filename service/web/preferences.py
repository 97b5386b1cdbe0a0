"""The door to a reader's own choices, by the signed link of every mail.

GET shows and changes nothing: mail programs open links. What a forwarded mail must not allow
(a copy of the data, erasing, another address) starts here too, and goes on by a fresh link.
"""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from service.audience.tokens import Purpose
from service.errors import TokenError
from service.membership import Standing, choose, find_standing, leave_everything, mail_fresh_link
from service.web.consents import say_wish
from service.web.parts import WebParts
from service.web.preference_form import Chosen, read_choices, write_pause
from service.web.preference_view import (
    Told,
    compose_preferences,
    list_spoken,
    tell_left,
    tell_mailed,
    tell_saved,
)
from service.web.rendering import PageRenderer
from service.web.same_site import refuse_other_sites
from service.web.security import PRIVATE
from service.web.signup import read_fields
from service.web.signup_form import Fields
from service.words.catalogues import find_voice

_REQUESTS: Mapping[str, Purpose] = {
    "address": Purpose.ADDRESS,
    "export": Purpose.EXPORT,
    "erase": Purpose.ERASE,
}


class PreferencePages:
    """One page for all newsletters of a reader."""

    def __init__(self, parts: WebParts, renderer: PageRenderer) -> None:
        self._parts = parts
        self._renderer = renderer

    def routes(self) -> APIRouter:
        """Where it lives."""
        router = APIRouter()
        router.add_api_route("/preferences/{token}", self.show, methods=["GET", "HEAD"])
        router.add_api_route("/preferences/{token}", self.take, methods=["POST"])
        return router

    def show(self, token: str) -> Response:
        """Everything there is to choose, as it stands."""
        return self._render(self._find(token))

    async def take(self, token: str, request: Request) -> Response:
        """Save what was chosen, leave everything, or mail a link; then the page as it stands."""
        refuse_other_sites(request, self._parts.register.publication.service_url)
        fields = await read_fields(request)
        return await run_in_threadpool(self._take, token, fields)

    def _take(self, token: str, fields: Fields) -> Response:
        standing = self._find(token)
        action = (fields.get("action") or ("save",))[-1]
        parts, voice = self._parts, find_voice(standing.language)
        if action == "leave":
            leave_everything(parts.database, parts.register, token, parts.clock())
            return self._render(self._find(token), told=tell_left(voice))
        if (purpose := _REQUESTS.get(action)) is not None:
            mail_fresh_link(parts.database, parts.register, token, purpose, parts.clock())
            return self._render(standing, told=tell_mailed(voice))
        return self._save(token, standing, fields)

    def _save(self, token: str, standing: Standing, fields: Fields) -> Response:
        register, now = self._parts.register, self._parts.clock()
        zone = register.publication.zone
        chosen = read_choices(fields, standing, zone, list_spoken(standing), now)
        if chosen.faults:
            return self._render(standing, chosen, status=422)
        consents = self._write_consents(standing)
        choose(self._parts.database, register, token, chosen.choices, consents, now)
        saved = self._find(token)
        return self._render(saved, told=tell_saved(saved, register.publication))

    def _write_consents(self, standing: Standing) -> dict[str, str]:
        """The words beside each newsletter's box, as this reader read them."""
        voice = find_voice(standing.language)
        return {
            one.newsletter.newsletter_id: say_wish(voice, one.newsletter.title)
            for one in standing.offers
        }

    def _find(self, token: str) -> Standing:
        parts = self._parts
        try:
            return find_standing(parts.database, parts.register, token, parts.clock())
        except TokenError:
            raise HTTPException(404) from None

    def _render(
        self,
        standing: Standing,
        chosen: Chosen | None = None,
        *,
        told: Told | None = None,
        status: int = 200,
    ) -> Response:
        register = self._parts.register
        if chosen is None:
            pause = write_pause(standing.choices, register.publication.zone)
            chosen = Chosen(standing.choices, pause)
        view = compose_preferences(
            standing,
            chosen,
            register.publication,
            register.sender.contact,
            self._parts.clock(),
            told,
        )
        return self._renderer.render(
            "reader/preferences.html",
            {"form": view},
            status=status,
            language=standing.language,
            headers=PRIVATE,
        )
