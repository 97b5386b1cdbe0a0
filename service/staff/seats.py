"""Who may sign in, and what each may do; there is always an owner."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from service.errors import NotAllowedError, UsageError
from service.model.editor import Editor, Role
from service.store import editors, sign_ins
from service.store.database import Database


def add_editor(database: Database, address: str, name: str, role: Role, now: datetime) -> Editor:
    """Let somebody sign in, with this name and role; `address` is normalised."""
    with database.writing() as connection:
        known = editors.find_editor_by_address(connection, address)
        if known is not None and role is not Role.OWNER:
            _keep_an_owner(connection, known)
        return editors.record_editor(connection, address, name, role, now)


def change_account(database: Database, editor_id: int, name: str, language: str) -> None:
    """Change what an editor says of themselves; the language "" is the publication's."""
    with database.writing() as connection:
        editors.change_editor(connection, editor_id, name=name, language=language)


def set_role(database: Database, editor_id: int, role: Role) -> Editor:
    """Let an editor do more or less; raises NotAllowedError for the only owner."""
    with database.writing() as connection:
        known = _find(connection, editor_id)
        if role is not Role.OWNER:
            _keep_an_owner(connection, known)
        editors.change_role(connection, editor_id, role)
        return _find(connection, editor_id)


def remove_editor(database: Database, editor_id: int, now: datetime) -> Editor:
    """Sign somebody out everywhere and for good; raises NotAllowedError for the only owner."""
    with database.writing() as connection:
        known = _find(connection, editor_id)
        _keep_an_owner(connection, known)
        editors.remove_editor(connection, editor_id, now)
        sign_ins.end_sessions(connection, editor_id, now)
        return known


def _find(connection: Connection, editor_id: int) -> Editor:
    found = editors.find_editor(connection, editor_id)
    if found is None:
        raise UsageError(f"there is no editor {editor_id}")
    return found


def _keep_an_owner(connection: Connection, leaving: Editor) -> None:
    if leaving.role is Role.OWNER and editors.count_owners(connection) == 1:
        raise NotAllowedError(
            f"{leaving.address} is the only owner: make somebody else an owner first"
        )
