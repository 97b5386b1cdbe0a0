"""Who may sign in, and what each may do; there is always an owner."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from service.errors import NotAllowedError, UsageError
from service.model.editor import Actor, Editor, Role
from service.store import editors, sign_ins
from service.store.audit import record_action
from service.store.database import Database


def add_editor(
    database: Database, address: str, name: str, role: Role, now: datetime, *, by: Actor
) -> Editor:
    """Let somebody sign in, with this name and role; `address` is normalised."""
    with database.writing() as connection:
        known = editors.find_editor_by_address(connection, address)
        if known is not None and role is not Role.OWNER:
            _keep_an_owner(connection, known)
        added = editors.record_editor(connection, address, name, role, now)
        _record(connection, by, "editor.add", added.editor_id, now, role=role)
        return added


def change_account(
    database: Database, editor_id: int, name: str, language: str, now: datetime, *, by: Actor
) -> None:
    """Change what an editor says of themselves; the language "" is the publication's."""
    with database.writing() as connection:
        editors.change_editor(connection, editor_id, name=name, language=language)
        _record(connection, by, "account.change", editor_id, now)


def set_role(database: Database, editor_id: int, role: Role, now: datetime, *, by: Actor) -> Editor:
    """Let an editor do more or less; raises NotAllowedError for the only owner."""
    with database.writing() as connection:
        known = _find(connection, editor_id)
        if role is not Role.OWNER:
            _keep_an_owner(connection, known)
        editors.change_role(connection, editor_id, role)
        _record(connection, by, "editor.role", editor_id, now, role=role)
        return _find(connection, editor_id)


def remove_editor(database: Database, editor_id: int, now: datetime, *, by: Actor) -> Editor:
    """Sign somebody out everywhere and for good; raises NotAllowedError for the only owner."""
    with database.writing() as connection:
        known = _find(connection, editor_id)
        _keep_an_owner(connection, known)
        editors.remove_editor(connection, editor_id, now)
        sign_ins.end_sessions(connection, editor_id, now)
        _record(connection, by, "editor.remove", editor_id, now)
        return known


def _find(connection: Connection, editor_id: int) -> Editor:
    found = editors.find_editor(connection, editor_id)
    if found is None:
        raise UsageError("there is no editor {editor}", editor=editor_id)
    return found


def _keep_an_owner(connection: Connection, leaving: Editor) -> None:
    if leaving.role is Role.OWNER and editors.count_owners(connection) == 1:
        raise NotAllowedError(
            "{address} is the only owner: make somebody else an owner first",
            address=leaving.address,
        )


def _record(
    connection: Connection,
    by: Actor,
    action: str,
    editor_id: int,
    now: datetime,
    **detail: object,
) -> None:
    record_action(connection, by, action, f"editor:{editor_id}", detail, now)
