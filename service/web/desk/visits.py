"""Who is at the desk: the session behind a cookie, and what its forms must carry."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from service.engine.works import Works
from service.model.editor import Actor, ActorKind, Editor, Role, Session
from service.staff import find_visitor
from service.web.same_site import refuse_other_sites
from service.words.voice import Voice

_A_FORTNIGHT = 14 * 24 * 3600


class SignInFirstError(Exception):
    """Somebody asked for a page of the desk without being signed in."""


class BeyondRoleError(Exception):
    """Somebody who is signed in asked for what their role does not permit."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One request by somebody who is signed in. `csrf` is what their forms carry."""

    session: Session
    voice: Voice
    csrf: str

    @property
    def editor(self) -> Editor:
        """Who is there."""
        return self.session.editor

    @property
    def actor(self) -> Actor:
        """Who does what is done now."""
        return Actor(ActorKind.EDITOR, self.editor.editor_id, self.editor.shown_name)

    def may(self, role: Role) -> bool:
        """Whether they may do what needs this role."""
        return self.editor.role.allows(role)


def visit_of(request: Request) -> Visit:
    """Who sent a request that was let in."""
    visit: Visit = request.state.visit
    return visit


@dataclass(frozen=True, slots=True)
class Cookies:
    """The two cookies of the desk: who is signed in, and which browser asked to be.

    Over https their names begin with __Host-, so that no neighbouring host can set them.
    Source: RFC 6265bis, section 4.1.3.2.
    """

    is_https: bool

    @property
    def session(self) -> str:
        """The cookie of a session's secret."""
        return self._name("kawaraban-desk")

    @property
    def browser(self) -> str:
        """The cookie of a browser that asked for a link."""
        return self._name("kawaraban-browser")

    def read(self, request: Request, name: str) -> str:
        """A cookie's value, "" without it."""
        return request.cookies.get(name, "")

    def give(self, response: Response, name: str, value: str) -> None:
        """Have the browser keep a cookie for a fortnight."""
        response.set_cookie(
            name, value, _A_FORTNIGHT, path="/", secure=self.is_https, httponly=True, samesite="lax"
        )

    def take(self, response: Response, name: str) -> None:
        """Have the browser forget a cookie."""
        response.delete_cookie(name, path="/", secure=self.is_https, httponly=True, samesite="lax")

    def _name(self, name: str) -> str:
        return f"__Host-{name}" if self.is_https else name


def find_session(request: Request, works: Works, cookies: Cookies) -> Session | None:
    """The session of whoever sent a request, if any."""
    return find_visitor(works.database, cookies.read(request, cookies.session), works.clock)


def make_csrf(secret: str) -> str:
    """What forms carry for the session with this secret: nobody else can know it."""
    return hmac.new(secret.encode(), b"kawaraban form", hashlib.sha256).hexdigest()


def refuse_forgery(request: Request, visit: Visit, csrf: str, service_url: str) -> None:
    """Raise HTTPException 403 unless a form was ours, on a page of this very session."""
    refuse_other_sites(request, service_url)
    if not hmac.compare_digest(visit.csrf.encode(), csrf.encode()):
        raise HTTPException(403)


DESK_HEADERS: Mapping[str, str] = MappingProxyType(
    {
        "Cache-Control": "private, no-store",
        "Referrer-Policy": "same-origin",
        "X-Robots-Tag": "noindex",
        "Content-Security-Policy": (
            "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
            "img-src 'self' data:; form-action 'self'; frame-src 'self'; base-uri 'none'; "
            "frame-ancestors 'none'"
        ),
    }
)
"""For every page of the desk: nothing from elsewhere, nothing kept, nobody around it."""
