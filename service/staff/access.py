"""Signing in by a mailed link: single use, a quarter of an hour, in the browser that asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from service.audience.tokens import KeyRing, Purpose, read_link, sign_link
from service.editions.render import MailRenderer
from service.errors import TokenError, UsageError
from service.model.editor import Actor, ActorKind, Editor, Session
from service.model.publication import Publication, Sender
from service.staff.secrets import digest_secret, make_secret
from service.store import sign_ins
from service.store.audit import record_action
from service.store.database import Database
from service.store.editors import find_editor, find_editor_by_address
from service.store.notices import Notice, plan_notice
from service.store.wake import Wake

SIGN_IN_LIVES_FOR = timedelta(minutes=15)

_SESSION_LIVES_FOR = timedelta(days=14)
_NOTED_EVERY = timedelta(minutes=5)
_MOST_AN_HOUR = 5


@dataclass(frozen=True, slots=True)
class Reception:
    """What signing in needs: who mails the links, and what they are signed with."""

    publication: Publication
    sender: Sender
    key_ring: KeyRing
    renderer: MailRenderer
    account: str
    installation: str
    wake: Wake


def ask_to_sign_in(
    database: Database, reception: Reception, address: str, browser: str, now: datetime
) -> None:
    """Mail a link to an editor with this address, for this browser; to others nothing is said.

    `address` is normalised, `browser` the secret that the browser was given. Nothing more goes
    to an editor who asked five times within the hour.
    """
    with database.writing() as connection:
        editor = find_editor_by_address(connection, address)
        if editor is None:
            return
        asked = sign_ins.count_sign_ins(connection, editor.editor_id, now - timedelta(hours=1))
        if asked >= _MOST_AN_HOUR:
            return
        number = sign_ins.record_sign_in(
            connection, editor.editor_id, digest_secret(browser), now, now + SIGN_IN_LIVES_FOR
        )
        notice = _compose_notice(reception, editor, number, now)
        batch_id = plan_notice(
            connection,
            notice,
            account=reception.account,
            key_prefix=f"kb-{reception.installation}",
            now=now,
        )
        if batch_id is not None:
            reception.wake(connection, [batch_id])


def print_sign_in_link(
    database: Database, reception: Reception, address: str, now: datetime, *, by: Actor
) -> str:
    """A link that signs an editor in, in any browser; raises UsageError for somebody unknown."""
    with database.writing() as connection:
        editor = find_editor_by_address(connection, address)
        if editor is None:
            raise UsageError(
                "nobody with that address may sign in; kawaraban editors add lets them"
            )
        number = sign_ins.record_sign_in(
            connection, editor.editor_id, "", now, now + SIGN_IN_LIVES_FOR
        )
        record_action(connection, by, "editor.link", f"editor:{editor.editor_id}", {}, now)
    return _write_link(reception, number)


def is_usable_link(
    database: Database, ring: KeyRing, token: str, browser: str, now: datetime
) -> bool:
    """Whether a link would sign this browser in now; raises TokenError for one not from here."""
    number = _read_number(ring, token)
    with database.reading() as connection:
        return sign_ins.is_usable(connection, number, digest_secret(browser), now)


def sign_in(
    database: Database, ring: KeyRing, token: str, browser: str, device: str, now: datetime
) -> tuple[Editor, str] | None:
    """Use a link up; the editor and the secret of their session, None when it does not count.

    Raises TokenError for a link that was not made here.
    """
    number = _read_number(ring, token)
    with database.writing() as connection:
        editor_id = sign_ins.use_sign_in(connection, number, digest_secret(browser), now)
        editor = None if editor_id is None else find_editor(connection, editor_id)
        if editor is None:
            return None
        secret = make_secret()
        sign_ins.record_session(
            connection,
            editor.editor_id,
            digest_secret(secret),
            device,
            now,
            now + _SESSION_LIVES_FOR,
        )
        themselves = Actor(ActorKind.EDITOR, editor.editor_id, editor.shown_name)
        record_action(
            connection, themselves, "session.begin", f"editor:{editor.editor_id}", {}, now
        )
    return editor, secret


def find_visitor(database: Database, secret: str, clock: Callable[[], datetime]) -> Session | None:
    """The session of a browser that shows this secret, which goes on lasting by being used."""
    if not secret:
        return None
    now = clock()
    with database.reading() as connection:
        found = sign_ins.find_session(connection, digest_secret(secret), now)
    if found is not None and now - found.seen_at > _NOTED_EVERY:
        with database.writing() as connection:
            lasts = now + _SESSION_LIVES_FOR
            sign_ins.keep_session(connection, found.session_id, now, lasts)
    return found


def end_session(database: Database, session_id: int, now: datetime, *, by: Actor) -> None:
    """Sign a browser out."""
    with database.writing() as connection:
        sign_ins.end_session(connection, session_id, now)
        record_action(connection, by, "session.end", f"session:{session_id}", {}, now)


def _compose_notice(reception: Reception, editor: Editor, number: int, now: datetime) -> Notice:
    publication, sender = reception.publication, reception.sender
    rendered = reception.renderer.render_notice(
        "sign-in",
        editor.language or publication.language,
        {
            "publication": publication.title,
            "sender": sender.name,
            "postal_address": sender.postal_address,
            "contact": sender.contact,
            "url": _write_link(reception, number),
        },
    )
    day = now.astimezone(publication.zone).date()
    return Notice(Purpose.SIGN_IN, str(number), editor.address, day, rendered)


def _write_link(reception: Reception, number: int) -> str:
    token = sign_link(reception.key_ring.current, Purpose.SIGN_IN, f"i{number}")
    return f"{reception.publication.service_url}/desk/sign-in/{token}"


def _read_number(ring: KeyRing, token: str) -> int:
    number = read_link(ring, Purpose.SIGN_IN, token).removeprefix("i")
    if not (number.isascii() and number.isdecimal() and len(number) <= 18):
        raise TokenError("this link is for something else")
    return int(number)
