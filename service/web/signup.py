"""The doors where readers sign up: a page with a form, and the form's own address.

A form on any page may be sent here, without a script and without asking us first. Whoever sends
it learns nothing of the address: one answer for all, and the rest is said by mail.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import quote

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response

from service.audience.networks import name_network
from service.membership import sign_up
from service.model.feed import FeedKind
from service.model.newsletter import Newsletter
from service.model.signup import Signup
from service.model.subscriber import Consent
from service.web.admission import Admission
from service.web.clients import find_client
from service.web.consents import say_signup_consent
from service.web.form_tokens import is_fresh, make_form_token
from service.web.parts import WebParts
from service.web.reader_sayings import say_sent
from service.web.refreshing import Keeper
from service.web.rendering import PageRenderer
from service.web.returning import find_page, find_return, list_form_targets, mark_sent
from service.web.security import PRIVATE, allow_targets
from service.web.signup_form import Fault, Fields, Filled, read_form
from service.web.signup_view import SignupView, choose_lang, compose_view
from service.words.catalogues import find_voice

_GET = ["GET", "HEAD"]
_MOST_FIELDS = 300
_KEPT = ("return_to", "form", "page")
"""Fields of a form on another page that come back with ours."""


@dataclass(frozen=True, slots=True)
class Post:
    """A form as it was sent: its fields, and what headers say of where it stood."""

    fields: Fields
    referer: str
    origin: str
    network: str

    def take(self, name: str) -> str:
        """The last value of a field, "" when it was left out."""
        return (self.fields.get(name) or ("",))[-1]

    @property
    def is_ours(self) -> bool:
        """Whether it claims to come from one of our own pages."""
        return "token" in self.fields


class SignupPages:
    """The form, what it leads to, and where it is sent."""

    def __init__(
        self, parts: WebParts, keeper: Keeper, renderer: PageRenderer, admission: Admission
    ) -> None:
        self._parts = parts
        self._keeper = keeper
        self._renderer = renderer
        self._admission = admission
        self._headers = allow_targets(list_form_targets(parts.register.publication))

    def routes(self) -> APIRouter:
        """Where they live; nowhere, where there is no newsletter."""
        router = APIRouter()
        if self._parts.register.newsletters:
            router.add_api_route("/subscribe", self.show, methods=_GET)
            router.add_api_route("/subscribe", self.take, methods=["POST"])
            router.add_api_route("/subscribe/sent", self.show_sent, methods=_GET)
        return router

    def show(self, request: Request) -> Response:
        """The form; changes nothing. `newsletter` and `language` in the query choose beforehand."""
        query = request.query_params
        lang = choose_lang(query.get("language", ""), self._parts.register.publication)
        view = self.compose_view(None, lang, preset=query.getlist("newsletter"))
        return self._render_form(view, 200, {})

    def show_sent(self, request: Request) -> Response:
        """What to do next: the same for everybody."""
        register = self._parts.register
        lang = choose_lang(request.query_params.get("language", ""), register.publication)
        return self._renderer.render(
            "reader/saying.html",
            {"saying": say_sent(find_voice(lang), register.sender.contact)},
            language=lang,
            headers=PRIVATE,
        )

    async def take(self, request: Request) -> Response:
        """Take a form: 303 to where it leads, or our own page with what is wrong or unclear."""
        register = self._parts.register
        client = find_client(request, register.signup.proxies)
        post = Post(
            fields=await read_fields(request),
            referer=request.headers.get("referer", ""),
            origin=request.headers.get("origin", ""),
            network=name_network(register.key_ring.current, client),
        )
        return await run_in_threadpool(self._take, post)

    def compose_view(
        self,
        filled: Filled | None,
        lang: str,
        *,
        hidden: Sequence[tuple[str, str]] = (),
        preset: Sequence[str] = (),
    ) -> SignupView:
        """The form as it is to be shown now."""
        register, consent = self._parts.register, self._write_consent(lang)
        token = make_form_token(register.key_ring, consent, self._parts.clock())
        known = [one for one in preset if one in register.newsletters]
        return compose_view(
            [(one, self._list_topics(one)) for one in register.newsletters.values()],
            filled,
            lang=lang,
            consent=consent,
            hidden=[("token", token), ("lang", lang), *hidden],
            preset=known,
        )

    def _take(self, post: Post) -> Response:
        register, now = self._parts.register, self._parts.clock()
        filled = read_form(
            post.fields, register.newsletters, self._list_topics, is_ours=post.is_ours
        )
        lang = self._choose_lang(post, filled)
        filled = replace(filled, faults=(*self._judge(post, lang, now), *filled.faults))
        if filled.faults:
            view = self.compose_view(filled, lang, hidden=_list_kept(post))
            return self._render_form(view, 422, PRIVATE)
        if filled.meant:
            return self._render_meant(post, filled, lang)
        sign_up(self._parts.database, self._list_signups(post, filled, lang, now), post.network)
        self._admission.tell()
        return RedirectResponse(self._find_way(post, lang), 303, headers=dict(PRIVATE))

    def _judge(self, post: Post, lang: str, now: datetime) -> list[Fault]:
        """What is wrong with the form itself."""
        register, form = self._parts.register, post.take("form")
        if post.is_ours:
            consent = self._write_consent(lang)
            fresh = is_fresh(register.key_ring, post.take("token"), consent, now)
            return [] if fresh else [Fault("stale")]
        if form and form not in register.signup.forms:
            return [Fault("form", {"value": form[:60]})]
        return []

    def _list_signups(self, post: Post, filled: Filled, lang: str, now: datetime) -> list[Signup]:
        consent = self._compose_consent(post, lang, now)
        return [
            Signup(
                address=filled.address,
                newsletter_id=one.newsletter.newsletter_id,
                cadence=one.cadence,
                topics=one.topics,
                language=filled.language or one.newsletter.language,
                send_hour=filled.send_hour,
                consent=consent,
                network=post.network,
            )
            for one in filled.choices
        ]

    def _compose_consent(self, post: Post, lang: str, now: datetime) -> Consent:
        """What is written down: the page, the form and the words beside its button."""
        register, form = self._parts.register, post.take("form")
        publication = register.publication
        page = find_page(post.take("page") or post.referer, post.origin, publication)
        if post.is_ours:
            page = page if page.startswith(f"{publication.service_url}/") else ""
            source = f"form: {page or f'{publication.service_url}/subscribe'}"
            return Consent(source, self._write_consent(lang), now)
        name = f"form {form}" if form else "form"
        return Consent(f"{name}: {page or '?'}", register.signup.forms.get(form, ""), now)

    def _write_consent(self, lang: str) -> str:
        register = self._parts.register
        sender = register.sender.name or register.publication.title
        return say_signup_consent(find_voice(lang), sender)

    def _find_way(self, post: Post, lang: str) -> str:
        back = find_return(post.take("return_to").strip(), self._parts.register.publication)
        sent = f"{self._renderer.base}/subscribe/sent?language={quote(lang)}"
        return mark_sent(back) if back else sent

    def _choose_lang(self, post: Post, filled: Filled) -> str:
        """The language to speak in: of our page, of the mail asked for, or of the newsletter."""
        own = next((one.newsletter.language for one in filled.choices), "")
        wanted = post.take("lang") or filled.language or own
        return choose_lang(wanted, self._parts.register.publication)

    def _list_topics(self, newsletter: Newsletter) -> list[str]:
        """What readers of a newsletter may choose among: categories, and the tags it offers."""
        feeds = self._keeper.catalogue.list_feeds(FeedKind.CATEGORY)
        categories = newsletter.categories or [key.name for key, _ in feeds]
        return list(dict.fromkeys([*categories, *newsletter.topics]))

    def _render_form(self, view: SignupView, status: int, headers: Mapping[str, str]) -> Response:
        register = self._parts.register
        return self._renderer.render(
            "reader/subscribe.html",
            {
                "form": view,
                "timezone": register.publication.timezone,
            },
            status=status,
            language=view.lang,
            headers={**headers, **self._headers},
        )

    def _render_meant(self, post: Post, filled: Filled, lang: str) -> Response:
        """Ask which of two addresses is right; both take one press."""
        page = find_page(
            post.take("page") or post.referer, post.origin, self._parts.register.publication
        )
        hidden = [
            (name, value)
            for name, values in post.fields.items()
            if name not in ("email", "page", "checked")
            for value in values
        ]
        return self._renderer.render(
            "reader/meant.html",
            {
                "typed": filled.address,
                "meant": filled.meant,
                "hidden": [*hidden, ("page", page), ("checked", "1")],
            },
            language=lang,
            headers={**PRIVATE, **self._headers},
        )


async def read_fields(request: Request) -> Fields:
    """The fields of a form in either encoding; raises HTTPException 400 for a broken one."""
    found: dict[str, list[str]] = {}
    try:
        async with request.form(max_files=0, max_fields=_MOST_FIELDS) as form:
            for name, value in form.multi_items():
                if not isinstance(value, UploadFile):
                    found.setdefault(name, []).append(value)
    except (ClientDisconnect, MultiPartException):
        raise HTTPException(400) from None
    return found


def _list_kept(post: Post) -> list[tuple[str, str]]:
    return [(name, post.take(name)) for name in _KEPT if post.take(name)]
