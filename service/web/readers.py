"""The doors of those who read by mail: confirming, and leaving with one press.

Mail programs and their scanners open every link they see, some in a real browser. So GET only
shows a page with a button, and only POST changes anything; the signed link is all the proof it
needs. What is shown names the newsletter and never the reader.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response

from service.audience.tokens import Purpose
from service.errors import TokenError
from service.membership import confirm_subscription, find_reader, unsubscribe
from service.model.subscriber import SubscriptionState
from service.store.subscribers import Reader
from service.web.parts import WebParts
from service.web.rendering import PageRenderer
from service.web.security import PRIVATE
from service.web.words import find_words

_GET = ["GET", "HEAD"]


async def read_body(request: Request) -> bytes:
    """The body as it came, its size capped further out; half of one counts for nothing."""
    try:
        return await request.body()
    except ClientDisconnect:
        raise HTTPException(400) from None


class ReaderPages:
    """Confirm and unsubscribe; again is always harmless."""

    def __init__(self, parts: WebParts, renderer: PageRenderer) -> None:
        self._parts = parts
        self._renderer = renderer

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

    def confirm(self, token: str, body: Annotated[bytes, Depends(read_body)]) -> Response:  # noqa: ARG002 (an oversized one must be refused)
        """Make the subscription active and say so."""
        self._find(Purpose.CONFIRM, token)
        register = self._parts.register
        reader = confirm_subscription(self._parts.database, register, token, self._parts.clock())
        return self._render_confirm(reader)

    def show_unsubscribe(self, token: str) -> Response:
        """Ask whether to leave, or say that it has been done; changes nothing."""
        return self._render_unsubscribe(self._find(Purpose.UNSUBSCRIBE, token))

    def unsubscribe(self, token: str, body: Annotated[bytes, Depends(read_body)]) -> Response:
        """End the subscription; a page for people, an empty answer for a mail program."""
        self._find(Purpose.UNSUBSCRIBE, token)
        register = self._parts.register
        reader = unsubscribe(self._parts.database, register, token, self._parts.clock())
        if _is_one_click(body):
            return PlainTextResponse("", headers=PRIVATE)
        return self._render_unsubscribe(reader)

    def _find(self, purpose: Purpose, token: str) -> Reader:
        """Whose link this is; a wrong one is no page at all, whatever is wrong with it."""
        try:
            return find_reader(self._parts.database, self._parts.register, purpose, token)
        except TokenError:
            raise HTTPException(404) from None

    def _render_confirm(self, reader: Reader) -> Response:
        match reader.subscription.state:
            case SubscriptionState.PENDING:
                return self._render(reader, "confirm ask")
            case SubscriptionState.ACTIVE:
                return self._render(reader, "confirm done")
            case SubscriptionState.UNSUBSCRIBED:
                return self._render(reader, "confirm ended")

    def _render_unsubscribe(self, reader: Reader) -> Response:
        has_left = reader.subscription.state is SubscriptionState.UNSUBSCRIBED
        return self._render(reader, "unsubscribe done" if has_left else "unsubscribe ask")

    def _render(self, reader: Reader, name: str) -> Response:
        register, subscription = self._parts.register, reader.subscription
        newsletter = register.newsletters.get(subscription.newsletter_id)
        title = newsletter.title if newsletter else register.publication.title
        saying = find_words(subscription.language).pages[name]
        return self._renderer.render(
            "reader/saying.html",
            {
                "heading": saying.heading.format(newsletter=title),
                "lines": [line.format(newsletter=title) for line in saying.lines],
                "button": saying.button,
            },
            language=subscription.language,
            headers=PRIVATE,
        )


def _is_one_click(body: bytes) -> bool:
    """Whether this is the POST of RFC 8058, in either encoding and without parsing any."""
    return b"List-Unsubscribe" in body and b"One-Click" in body
