"""The desk's frame: each route says which role it needs, and only our own forms act."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import wraps
from typing import Annotated, Any
from urllib.parse import quote

import structlog
from fastapi import APIRouter, Depends, Form
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from service.errors import KawarabanError, NotAllowedError, OurTemplateError, TemplateError
from service.model.editor import Role
from service.web.desk.parts import DeskParts
from service.web.desk.sayings import list_sayings
from service.web.desk.visits import (
    DESK_HEADERS,
    BeyondRoleError,
    Cookies,
    SignInFirstError,
    Visit,
    find_session,
    make_csrf,
    refuse_forgery,
    visit_of,
)
from service.web.rendering import PageRenderer
from service.words.catalogues import find_voice
from service.words.voice import Told

log = structlog.get_logger(__name__)

Handler = Callable[..., Any]

NEEDS = "x-needs"
"""Under this name a route says, for whoever walks the routes, which role it needs."""


class Desk:
    """Takes routes with the roles they need, lets editors in, and renders their pages."""

    def __init__(self, parts: DeskParts, renderer: PageRenderer) -> None:
        self.parts = parts
        self.works = parts.works
        self.router = APIRouter()
        publication = self.works.register.publication
        self.publication = publication
        self.base = renderer.base
        self.cookies = Cookies(is_https=publication.service_url.startswith("https:"))
        self._renderer = renderer

    def page(self, path: str, show: Handler, *, needs: Role = Role.VIEWER) -> None:
        """A page for those who may what `needs` may; looking changes nothing."""
        self.router.add_api_route(
            path,
            self._explain(show),
            methods=["GET", "HEAD"],
            dependencies=[Depends(self._admit(needs))],
            openapi_extra={NEEDS: needs},
            response_model=None,
        )

    def action(self, path: str, act: Handler, *, needs: Role = Role.EDITOR) -> None:
        """What a form of ours does, for those who may what `needs` may."""
        self.router.add_api_route(
            path,
            self._explain(act),
            methods=["POST"],
            dependencies=[Depends(self._admit(needs)), Depends(self._refuse_forgery)],
            openapi_extra={NEEDS: needs},
            response_model=None,
        )

    def upload(self, path: str, take: Handler, *, needs: Role = Role.EDITOR) -> None:
        """What takes a form that is too long to be held; only who may is listened to at all.

        `take` is async, reads the body itself, and calls `refuse_forgery` before it keeps any.
        """
        self.router.add_api_route(
            path,
            take,
            methods=["POST"],
            dependencies=[Depends(self._admit(needs))],
            openapi_extra={NEEDS: needs},
            response_model=None,
        )

    def refuse_forgery(self, request: Request, csrf: str) -> None:
        """Raise HTTPException 403 for an upload that was not our form's."""
        refuse_forgery(request, visit_of(request), csrf, self.publication.service_url)

    def refuse(self, request: Request, error: KawarabanError) -> Response:
        """The page that says why something cannot be done."""
        # What a publication brought cannot be made into a mail: that is how things stand.
        status = 409 if isinstance(error, NotAllowedError | TemplateError) else 422
        context = {"reason": visit_of(request).voice.tell(error)}
        return self.render(request, "desk/refused.html", context, status=status)

    def own_up(self, request: Request, error: OurTemplateError) -> Response:
        """The page for a template of ours that fails, which is nobody's fault but ours."""
        log.error("a page failed", reason=str(error))
        context = {"reason": visit_of(request).voice.tell(error)}
        return self.render(request, "desk/failed.html", context, status=500)

    def render(
        self,
        request: Request,
        name: str,
        context: Mapping[str, object],
        *,
        status: int = 200,
        headers: Mapping[str, str] = DESK_HEADERS,
    ) -> Response:
        """A page of the desk for whoever asked, with what the last action had to say."""
        visit = visit_of(request)
        said = list_sayings(visit.voice).get(request.query_params.get("said", ""), "")
        frame = {
            "visit": visit,
            "csrf": visit.csrf,
            "said": said,
            "here": request.url.path.removeprefix(self.base),
            "is_editor": visit.may(Role.EDITOR),
            "is_owner": visit.may(Role.OWNER),
        }
        return self._renderer.render(
            name,
            {**frame, **context},
            status=status,
            language=visit.voice.language,
            headers=headers,
        )

    def done(self, path: str, said: str = "", at: str = "") -> Response:
        """Where to look after an action; `said` is a key of the desk's sayings.

        `at` is the part of that page to go on from: its id.
        """
        query = f"{'&' if '?' in path else '?'}said={quote(said)}" if said else ""
        part = f"#{at}" if at else ""
        return RedirectResponse(f"{self.base}{path}{query}{part}", 303, DESK_HEADERS)

    def write_moment(self, request: Request, moment: datetime) -> str:
        """A moment by the publication's clock, in the visitor's language."""
        return visit_of(request).voice.write_moment(self.publication.localise(moment))

    def refuse_role(self, request: Request, _: Exception) -> Response:
        """What somebody sees whose role does not permit what they asked for."""
        reason = visit_of(request).voice.say("Your role does not permit this; an owner may do it.")
        return self.render(request, "desk/refused.html", {"reason": Told(reason)}, status=403)

    def ask_to_sign_in(self, _: Request, __: Exception) -> Response:
        """Where to go without being signed in."""
        return RedirectResponse(f"{self.base}/desk/sign-in", 303, DESK_HEADERS)

    def _admit(self, needs: Role) -> Callable[[Request], None]:
        def admit(request: Request) -> None:
            session = find_session(request, self.works, self.cookies)
            if session is None:
                raise SignInFirstError
            secret = self.cookies.read(request, self.cookies.session)
            voice = find_voice(session.editor.language or self.publication.language)
            request.state.visit = Visit(session, voice, make_csrf(secret))
            if not session.editor.role.allows(needs):
                raise BeyondRoleError

        return admit

    def _refuse_forgery(self, request: Request, csrf: Annotated[str, Form()] = "") -> None:
        refuse_forgery(request, visit_of(request), csrf, self.publication.service_url)

    def _explain(self, handler: Handler) -> Handler:
        """Show what a road says when it cannot do what was asked of it."""

        @wraps(handler)
        def answer(*args: Any, **fields: Any) -> Any:  # noqa: ANN401
            try:
                return handler(*args, **{name: _drop_nuls(one) for name, one in fields.items()})
            except OurTemplateError as error:
                return self.own_up(fields["request"], error)
            except KawarabanError as error:
                return self.refuse(fields["request"], error)

        return answer


def _drop_nuls(value: object) -> object:
    """A field without the one character that no database keeps."""
    if isinstance(value, list):
        return [_drop_nuls(one) for one in value]
    return value.replace("\x00", "") if isinstance(value, str) and "\x00" in value else value
