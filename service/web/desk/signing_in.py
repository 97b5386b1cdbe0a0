"""Signing in and out. The link shows a page with a button: a mail scanner signs nobody in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Form
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from service.audience.addresses import normalise_address
from service.engine.rounds import surviving
from service.errors import AddressError, TokenError
from service.model.editor import Role
from service.staff import (
    ask_to_sign_in,
    end_session,
    is_usable_link,
    sign_in,
)
from service.staff.secrets import make_secret
from service.web.desk.desk import Desk
from service.web.desk.visits import DESK_HEADERS, visit_of
from service.web.rendering import PageRenderer
from service.web.same_site import refuse_other_sites
from service.words.catalogues import find_voice

_DEVICES = ("iPhone", "iPad", "Android", "Windows", "Mac OS X", "Linux")
_BROWSERS = ("Edg", "Firefox", "Chrome", "Safari")


class SigningIn:
    """The pages before the desk, and the way out."""

    def __init__(self, desk: Desk, renderer: PageRenderer) -> None:
        self._desk = desk
        self._renderer = renderer
        self._voice = find_voice(desk.publication.language)
        desk.action("/desk/sign-out", self.sign_out, needs=Role.VIEWER)

    def routes(self) -> APIRouter:
        """The doors for those who are not signed in yet."""
        router = APIRouter()
        for path, show, act in (
            ("/desk/sign-in", self.show_form, self.ask),
            ("/desk/sign-in/{token}", self.show_link, self.enter),
        ):
            router.add_api_route(path, show, methods=["GET", "HEAD"])
            router.add_api_route(path, act, methods=["POST"])
        return router

    def show_form(self) -> Response:
        """The form that asks for an address."""
        say = self._voice.say
        lines = [say("A link comes to you by mail. There are no passwords here.")]
        return self._render("desk/sign_in.html", say("Sign in to the desk"), lines)

    def ask(
        self,
        request: Request,
        background: BackgroundTasks,
        address: Annotated[str, Form()] = "",
    ) -> Response:
        """Mail a link, should it be an editor's address; the answer is the same for everybody."""
        refuse_other_sites(request, self._desk.publication.service_url)
        cookies, say = self._desk.cookies, self._voice.say
        browser = cookies.read(request, cookies.browser) or make_secret()
        # After the answer, or its time would tell who is an editor.
        background.add_task(self._mail_link, address, browser)
        lines = [
            say("If this address may sign in, a link is on its way to it."),
            say("It works once, for a quarter of an hour, and only in this browser."),
        ]
        answer = self._render("desk/alone.html", say("Look into your mail"), lines)
        cookies.give(answer, cookies.browser, browser)
        # The next answer on this connection would wait for the mail, and so tell of it.
        answer.headers["Connection"] = "close"
        return answer

    def show_link(self, request: Request, token: str) -> Response:
        """The page that a mailed link leads to."""
        say, cookies = self._voice.say, self._desk.cookies
        is_usable = self._is_usable(token, cookies.read(request, cookies.browser))
        lines = [] if is_usable else self._explain_unusable()
        heading = say("Sign in to the desk") if is_usable else say("This link does not work here")
        status = 200 if is_usable else 410
        return self._render(
            "desk/sign_in_link.html", heading, lines, is_usable=is_usable, status=status
        )

    def enter(self, request: Request, token: str) -> Response:
        """Use a link up, and begin a session in this browser."""
        desk, cookies = self._desk, self._desk.cookies
        refuse_other_sites(request, desk.publication.service_url)
        works = desk.works
        entered = sign_in(
            works.database,
            works.register.key_ring,
            token,
            cookies.read(request, cookies.browser),
            _name_device(request.headers.get("user-agent", "")),
            works.clock(),
        )
        if entered is None:
            return self.show_link(request, token)
        _, secret = entered
        answer = desk.done("/desk", "signed-in")
        cookies.give(answer, cookies.session, secret)
        cookies.take(answer, cookies.browser)
        return answer

    def sign_out(self, request: Request) -> Response:
        """End this browser's session."""
        desk, visit, works = self._desk, visit_of(request), self._desk.works
        end_session(works.database, visit.session.session_id, works.clock(), by=visit.actor)
        answer = RedirectResponse(f"{desk.base}/desk/sign-in", 303, DESK_HEADERS)
        desk.cookies.take(answer, desk.cookies.session)
        return answer

    def _mail_link(self, address: str, browser: str) -> None:
        works = self._desk.works
        with surviving("a link for signing in could not be mailed"):
            try:
                known = normalise_address(address)
            except AddressError:
                return
            reception = self._desk.parts.reception
            ask_to_sign_in(works.database, reception, known, browser, works.clock())

    def _is_usable(self, token: str, browser: str) -> bool:
        works = self._desk.works
        ring = works.register.key_ring
        try:
            return is_usable_link(works.database, ring, token, browser, works.clock())
        except TokenError:
            return False

    def _explain_unusable(self) -> list[str]:
        say = self._voice.say
        return [
            say("It was used already, or it is older than a quarter of an hour."),
            say("Or it was asked for in another browser: open it there."),
        ]

    def _render(
        self,
        name: str,
        heading: str,
        lines: Sequence[str],
        *,
        is_usable: bool = False,
        status: int = 200,
    ) -> Response:
        return self._renderer.render(
            name,
            {"heading": heading, "lines": lines, "said": "", "is_usable": is_usable},
            status=status,
            headers=DESK_HEADERS,
        )


def _name_device(agent: str) -> str:
    """A browser and its system as people call them; never all that it says of itself."""
    browser = next((one for one in _BROWSERS if one in agent), "")
    system = next((one for one in _DEVICES if one in agent), "")
    return " · ".join(one for one in (browser.replace("Edg", "Edge"), system) if one)
