"""The doors of those who read by mail: confirming, and leaving with one press.

Mail programs and their scanners open every link they see, some in a real browser. So GET only
shows a page with a button, and only POST changes anything; the signed link is all the proof it
needs. What is shown names the newsletter and never the reader.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import parse_qs

from fastapi import APIRouter, Depends
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response

from service.audience.networks import name_network
from service.audience.tokens import Purpose
from service.errors import TokenError
from service.membership import (
    ask_to_return,
    confirm_subscription,
    find_reader,
    list_asked,
    reduce_cadence,
    unsubscribe,
)
from service.model.newsletter import Cadence
from service.model.subscriber import Consent, SubscriptionState
from service.store.subscribers import Reader
from service.web.admission import Admission
from service.web.clients import find_client
from service.web.consents import say_return
from service.web.parts import WebParts
from service.web.reader_sayings import (
    ask_to_confirm,
    ask_to_leave,
    say_confirmed,
    say_ended,
    say_left,
    say_rarer,
    say_sent,
)
from service.web.rendering import PageRenderer
from service.web.rhythm import say_cadence
from service.web.same_site import refuse_other_sites
from service.web.saying import Saying
from service.web.security import PRIVATE
from service.web.signup_view import Option
from service.words.catalogues import find_voice
from service.words.voice import Voice

_GET = ["GET", "HEAD"]
_NUMBER = re.compile(r"[0-9]{1,18}")


async def read_body(request: Request) -> bytes:
    """The body as it came, its size capped further out; half of one counts for nothing."""
    try:
        return await request.body()
    except ClientDisconnect:
        raise HTTPException(400) from None


@dataclass(frozen=True, slots=True)
class Asked:
    """One newsletter that waits for a confirmation, as its page lists it."""

    subscription_id: int
    title: str
    language: str
    rhythm: str


class ReaderPages:
    """Confirm and unsubscribe; again is always harmless."""

    def __init__(self, parts: WebParts, renderer: PageRenderer, admission: Admission) -> None:
        self._parts = parts
        self._renderer = renderer
        self._admission = admission

    def routes(self) -> APIRouter:
        """Where they live."""
        router = APIRouter()
        router.add_api_route("/confirm/{token}", self.show_confirm, methods=_GET)
        router.add_api_route("/confirm/{token}", self.confirm, methods=["POST"])
        router.add_api_route("/unsubscribe/{token}", self.show_unsubscribe, methods=_GET)
        router.add_api_route("/unsubscribe/{token}", self.unsubscribe, methods=["POST"])
        return router

    def show_confirm(self, token: str) -> Response:
        """Ask whether to confirm, or say that it has been done; changes nothing."""
        return self._render_confirm(self._find(Purpose.CONFIRM, token))

    def confirm(
        self, token: str, request: Request, body: Annotated[bytes, Depends(read_body)]
    ) -> Response:
        """Make active what was shown and kept, and say so."""
        refuse_other_sites(request, self._parts.register.publication.service_url)
        reader = self._find(Purpose.CONFIRM, token)
        parts, chosen = self._parts, _read_chosen(body)
        wanted = [reader.subscription.subscription_id] if chosen is None else chosen
        asked = list_asked(parts.database, reader)
        kept = [one for one in asked if one.subscription.subscription_id in wanted]
        saying = self._choose_saying(reader, ask_to_confirm, asked)
        words = " ".join((saying.heading, *saying.lines, f"[{saying.button}]"))
        reader = confirm_subscription(
            parts.database, parts.register, token, parts.clock(), wanted, words
        )
        if kept:
            return self._say(reader, say_confirmed, kept)
        return self._render_confirm(reader)

    def show_unsubscribe(self, token: str) -> Response:
        """Ask whether to leave, or say that it has been done; changes nothing."""
        return self._render_unsubscribe(self._find(Purpose.UNSUBSCRIBE, token))

    def unsubscribe(
        self, token: str, request: Request, body: Annotated[bytes, Depends(read_body)]
    ) -> Response:
        """End the subscription; a page for people, an empty answer for a mail program.

        `?cadence` and `?return` are other buttons of the page: less often instead, and back again.
        """
        reader = self._find(Purpose.UNSUBSCRIBE, token)
        parts = self._parts
        if "cadence" in request.query_params:
            return self._reduce(reader, token, body)
        if "return" in request.query_params:
            return self._ask_back(reader, token, request)
        reader = unsubscribe(parts.database, parts.register, token, parts.clock())
        if _is_one_click(body):
            return PlainTextResponse("", headers=PRIVATE)
        return self._render_unsubscribe(reader)

    def _find(self, purpose: Purpose, token: str) -> Reader:
        """Whose link this is; a wrong one is no page at all, whatever is wrong with it."""
        try:
            return find_reader(self._parts.database, self._parts.register, purpose, token)
        except TokenError:
            raise HTTPException(404) from None

    def _reduce(self, reader: Reader, token: str, body: bytes) -> Response:
        wanted = parse_qs(body.decode("utf-8", "replace"), max_num_fields=10).get("cadence", [""])
        rarer = {one.value: one for one in self._list_rarer(reader)}
        cadence = rarer.get(wanted[-1])
        if cadence is None:
            # Pressed twice, or on a page of before: what holds now is shown again.
            return self._render_unsubscribe(reader)
        parts = self._parts
        reader = reduce_cadence(parts.database, parts.register, token, cadence)
        voice = find_voice(reader.subscription.language)
        saying = say_rarer(voice, self._name(reader), self._say_cadence(reader, cadence, voice))
        return self._render(reader, "reader/saying.html", saying)

    def _ask_back(self, reader: Reader, token: str, request: Request) -> Response:
        parts = self._parts
        register, one = parts.register, reader.subscription
        if one.newsletter_id not in register.newsletters:
            return self._render_unsubscribe(reader)
        voice = find_voice(one.language)
        text = say_return(voice, self._name(reader))
        page = f"form: {register.publication.service_url}/unsubscribe"
        client = find_client(request, register.signup.proxies)
        network = name_network(register.key_ring.current, client)
        consent = Consent(page, text, parts.clock())
        ask_to_return(parts.database, register, token, network, consent)
        self._admission.tell()
        return self._render(reader, "reader/saying.html", say_sent(voice))

    def _render_confirm(self, reader: Reader) -> Response:
        if asked := list_asked(self._parts.database, reader):
            return self._say(reader, ask_to_confirm, asked)
        if reader.subscription.state is SubscriptionState.UNSUBSCRIBED:
            return self._say(reader, say_ended, [reader])
        return self._say(reader, say_confirmed, [reader])

    def _render_unsubscribe(self, reader: Reader) -> Response:
        has_left = reader.subscription.state is SubscriptionState.UNSUBSCRIBED
        is_offered = reader.subscription.newsletter_id in self._parts.register.newsletters
        voice = find_voice(reader.subscription.language)
        choose = say_left if has_left else ask_to_leave
        return self._render(
            reader,
            "reader/leave.html",
            choose(voice, self._name(reader)),
            rarer=[]
            if has_left
            else [
                Option(one, self._say_cadence(reader, one, voice), is_chosen=False)
                for one in self._list_rarer(reader)
            ],
            may_return=has_left and is_offered,
        )

    def _say(
        self, reader: Reader, choose: Callable[[Voice, str], Saying], about: Sequence[Reader]
    ) -> Response:
        voice = find_voice(reader.subscription.language)
        return self._render(
            reader,
            "reader/confirm.html",
            self._choose_saying(reader, choose, about),
            asked=[self._compose_asked(one, voice) for one in about],
        )

    def _choose_saying(
        self, reader: Reader, choose: Callable[[Voice, str], Saying], about: Sequence[Reader]
    ) -> Saying:
        voice = find_voice(reader.subscription.language)
        titles = dict.fromkeys(self._name(one) for one in about)
        return choose(voice, voice.join_quoted(titles))

    def _compose_asked(self, reader: Reader, voice: Voice) -> Asked:
        one = reader.subscription
        return Asked(
            one.subscription_id,
            self._name(reader),
            one.language,
            self._say_cadence(reader, one.cadence, voice),
        )

    def _list_rarer(self, reader: Reader) -> tuple[Cadence, ...]:
        one = reader.subscription
        newsletter = self._parts.register.newsletters.get(one.newsletter_id)
        is_here = one.state is not SubscriptionState.UNSUBSCRIBED
        return newsletter.list_rarer(one.cadence) if newsletter and is_here else ()

    def _say_cadence(self, reader: Reader, cadence: Cadence, voice: Voice) -> str:
        newsletter = self._parts.register.newsletters.get(reader.subscription.newsletter_id)
        return say_cadence(voice, cadence, newsletter) if newsletter else ""

    def _name(self, reader: Reader) -> str:
        register = self._parts.register
        newsletter = register.newsletters.get(reader.subscription.newsletter_id)
        return newsletter.title if newsletter else register.publication.title

    def _render(self, reader: Reader, template: str, saying: Saying, **more: object) -> Response:
        return self._renderer.render(
            template,
            {"saying": saying, "asked": [], **more},
            language=reader.subscription.language,
            headers=PRIVATE,
        )


def _read_chosen(body: bytes) -> list[int] | None:
    """The subscriptions that were kept of several shown; None when no choice was offered."""
    fields = parse_qs(body.decode("utf-8", "replace"), max_num_fields=200)
    if "shown" not in fields:
        return None
    return [int(one) for one in fields.get("subscription", []) if _NUMBER.fullmatch(one)]


def _is_one_click(body: bytes) -> bool:
    """Whether this is the POST of RFC 8058, in either encoding and without parsing any."""
    return b"List-Unsubscribe" in body and b"One-Click" in body
