"""The outbox: every mail as it would have been sent, for whoever sits at this machine."""

from __future__ import annotations

from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as default_policy
from urllib.parse import quote

from fastapi import APIRouter, Depends
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from service.model.editor import Role
from service.providers.outbox import OutboxMail, list_messages, read_message
from service.web.desk.visits import Cookies, find_session
from service.web.parts import WebParts
from service.web.rendering import PageRenderer
from service.web.security import PRIVATE, is_this_machine
from service.words.catalogues import find_voice

_MOST_MAILS = 100
_LONGEST_SOURCE = 400_000
_VIEWS = ("desk", "phone", "text", "source")
_HEADERS = (
    "From",
    "To",
    "Reply-To",
    "Date",
    "Message-ID",
    "List-Id",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
    "Auto-Submitted",
)
_GET = ["GET", "HEAD"]

_FRAME = "allow-popups allow-popups-to-escape-sandbox"
_HTML_HEADERS = {
    **PRIVATE,
    # Somebody else's HTML: it may look like itself, and do nothing.
    "Content-Security-Policy": (
        f"sandbox {_FRAME}; default-src 'none'; img-src 'self' data: https: http:; "
        "style-src 'unsafe-inline'; form-action 'none'; frame-ancestors 'self'"
    ),
}


@dataclass(frozen=True, slots=True)
class MailLine:
    """A mail as the list shows it."""

    page: str
    subject: str
    to: str
    written: str
    size: str


class OutboxPages:
    """The desk's view of the outbox; for everybody else there is no such page."""

    def __init__(self, parts: WebParts, renderer: PageRenderer) -> None:
        self._parts = parts
        self._folder = parts.outbox
        self._is_loopback_only = parts.is_loopback_only
        self._publication = parts.feeds.publication
        self._renderer = renderer
        self._voice = find_voice(self._publication.language)

    def routes(self) -> APIRouter:
        """Where it lives; nowhere unless mail is written into files."""
        router = APIRouter(dependencies=[Depends(self.admit)])
        mail = "/desk/outbox/{folder}/{file}"
        if self._folder is not None:
            router.add_api_route("/desk/outbox", self.show_list, methods=_GET)
            router.add_api_route(mail, self.show_mail, methods=_GET)
            router.add_api_route(f"{mail}/html", self.show_html, methods=_GET)
        return router

    def admit(self, request: Request) -> None:
        """Let in nobody but this machine itself, and owners: links to sign in lie there too."""
        if self._is_loopback_only and is_this_machine(request):
            return
        desk, is_https = self._parts.desk, self._publication.service_url.startswith("https:")
        session = desk and find_session(request, desk.works, Cookies(is_https))
        if not (session and session.editor.role.allows(Role.OWNER)):
            raise HTTPException(404)

    def show_list(self) -> Response:
        """The newest mails."""
        mails = list_messages(self._folder, limit=_MOST_MAILS) if self._folder else ()
        return self._renderer.render(
            "desk/outbox.html",
            {
                "limit": _MOST_MAILS,
                "mails": [self._compose_line(mail) for mail in mails],
            },
            headers=PRIVATE,
        )

    def show_mail(self, folder: str, file: str, view: str = "desk") -> Response:
        """One mail with its headers, in one of four views."""
        name = f"{folder}/{file}"
        source = self._read(name)
        mail = message_from_bytes(source, policy=default_policy)
        page = self._find_page(name)
        view = view if view in _VIEWS else _VIEWS[0]
        return self._renderer.render(
            "desk/mail.html",
            {
                "subject": str(mail["Subject"] or "") or self._voice.say("(no subject)"),
                "headers": [(one, str(mail[one])) for one in _HEADERS if mail[one] is not None],
                "views": [(one, f"{page}?view={one}", one == view) for one in _VIEWS],
                "view": view,
                "frame": f"{page}/html",
                "sandbox": _FRAME,
                "text": _read_part(mail, "plain"),
                "source": source[:_LONGEST_SOURCE].decode("utf-8", "replace"),
            },
            headers=PRIVATE,
        )

    def show_html(self, folder: str, file: str) -> Response:
        """The HTML part alone, for the frame around it; its links open outside."""
        mail = message_from_bytes(self._read(f"{folder}/{file}"), policy=default_policy)
        html = _read_part(mail, "html")
        if html is None:
            raise HTTPException(404)
        shown = html.replace("<head>", '<head><base target="_blank">', 1)
        return HTMLResponse(shown, headers=_HTML_HEADERS)

    def _read(self, name: str) -> bytes:
        source = read_message(self._folder, name) if self._folder else None
        if source is None:
            raise HTTPException(404)
        return source

    def _find_page(self, name: str) -> str:
        return f"{self._renderer.base}/desk/outbox/{quote(name)}"

    def _compose_line(self, mail: OutboxMail) -> MailLine:
        return MailLine(
            page=self._find_page(mail.name),
            subject=mail.subject or self._voice.say("(no subject)"),
            to=mail.to,
            written=self._voice.write_moment(mail.sent_at.astimezone(self._publication.zone)),
            size=f"{max(1, round(mail.size / 1024)):,} KB",
        )


def _read_part(mail: EmailMessage, kind: str) -> str | None:
    part = mail.get_body((kind,))
    if part is None:
        return None
    try:
        return str(part.get_content())
    except (LookupError, ValueError):
        return None
