"""Links that sign an editor in, and the browsers in which one is signed in."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, func, insert, select, update

from service.model.editor import Editor, Session
from service.store.editors import read_editor
from service.store.tables import editors, sessions, sign_ins


def record_sign_in(
    connection: Connection,
    editor_id: int,
    browser_digest: str,
    now: datetime,
    expires_at: datetime,
) -> int:
    """Write down a link that goes out, for one browser or ("") for any; its number."""
    values = {
        "editor_id": editor_id,
        "browser_digest": browser_digest,
        "created_at": now,
        "expires_at": expires_at,
    }
    statement = insert(sign_ins).values(values).returning(sign_ins.c.sign_in_id)
    return int(connection.execute(statement).scalar_one())


def count_sign_ins(connection: Connection, editor_id: int, since_at: datetime) -> int:
    """How many links an editor asked for since then, those printed by a command aside."""
    query = select(func.count()).where(
        sign_ins.c.editor_id == editor_id,
        sign_ins.c.created_at >= since_at,
        sign_ins.c.browser_digest != "",
    )
    return int(connection.execute(query).scalar_one())


def is_usable(connection: Connection, sign_in_id: int, browser_digest: str, now: datetime) -> bool:
    """Whether a link would sign this browser in."""
    query = select(sign_ins.c.sign_in_id).where(_fits(sign_in_id, browser_digest, now))
    return connection.execute(query).first() is not None


def use_sign_in(
    connection: Connection, sign_in_id: int, browser_digest: str, now: datetime
) -> int | None:
    """Use a link up; the editor's number, None when it is used, too old or another browser's."""
    statement = update(sign_ins).where(_fits(sign_in_id, browser_digest, now))
    used = connection.execute(statement.values(used_at=now).returning(sign_ins.c.editor_id))
    return used.scalar_one_or_none()


def record_session(
    connection: Connection,
    editor_id: int,
    digest: str,
    device: str,
    now: datetime,
    expires_at: datetime,
) -> None:
    """Write down a browser in which an editor is signed in now."""
    values = {
        "editor_id": editor_id,
        "digest": digest,
        "device": device,
        "created_at": now,
        "seen_at": now,
        "expires_at": expires_at,
    }
    connection.execute(insert(sessions).values(values))


def find_session(connection: Connection, digest: str, now: datetime) -> Session | None:
    """The session whose secret has this digest, while it lasts and its editor is here."""
    row = connection.execute(_select_live(now).where(sessions.c.digest == digest)).first()
    return None if row is None else _read_session(row)


def list_sessions(
    connection: Connection, now: datetime, editor_id: int | None = None
) -> list[Session]:
    """The sessions that last, of one editor or of all, the latest seen first."""
    query = _select_live(now).order_by(sessions.c.seen_at.desc())
    if editor_id is not None:
        query = query.where(sessions.c.editor_id == editor_id)
    return [_read_session(row) for row in connection.execute(query)]


def keep_session(
    connection: Connection, session_id: int, now: datetime, expires_at: datetime
) -> None:
    """Note that a session is in use, which makes it last longer."""
    statement = update(sessions).where(sessions.c.session_id == session_id)
    connection.execute(statement.values(seen_at=now, expires_at=expires_at))


def end_session(connection: Connection, session_id: int, now: datetime) -> None:
    """End one session."""
    is_live = (sessions.c.session_id == session_id) & sessions.c.ended_at.is_(None)
    connection.execute(update(sessions).where(is_live).values(ended_at=now))


def end_sessions(connection: Connection, editor_id: int, now: datetime) -> None:
    """End every session of an editor, and use up the links that are on their way to them."""
    is_live = (sessions.c.editor_id == editor_id) & sessions.c.ended_at.is_(None)
    connection.execute(update(sessions).where(is_live).values(ended_at=now))
    is_open = (sign_ins.c.editor_id == editor_id) & sign_ins.c.used_at.is_(None)
    connection.execute(update(sign_ins).where(is_open).values(used_at=now))


def _fits(sign_in_id: int, browser_digest: str, now: datetime) -> ColumnElement[bool]:
    return and_(
        sign_ins.c.sign_in_id == sign_in_id,
        sign_ins.c.used_at.is_(None),
        sign_ins.c.expires_at > now,
        sign_ins.c.browser_digest.in_(["", browser_digest]),
    )


def _select_live(now: datetime) -> Select[Any]:
    columns = (sessions.c[name] for name in ("session_id", "device", "seen_at", "expires_at"))
    return (
        select(*columns, sessions.c.created_at.label("session_created_at"), editors)
        .join(editors, editors.c.editor_id == sessions.c.editor_id)
        .where(
            sessions.c.ended_at.is_(None),
            sessions.c.expires_at > now,
            editors.c.removed_at.is_(None),
        )
    )


def _read_session(row: Row[tuple[object, ...]]) -> Session:
    editor: Editor = read_editor(row)
    return Session(
        session_id=row.session_id,
        editor=editor,
        device=row.device,
        created_at=row.session_created_at,
        seen_at=row.seen_at,
        expires_at=row.expires_at,
    )
