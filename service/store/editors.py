"""Who may sign in at the desk."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Row, func, insert, select, update

from service.model.editor import Editor, Role
from service.store.tables import editors


def list_editors(connection: Connection) -> list[Editor]:
    """All who may sign in, the oldest first."""
    query = select(editors).where(editors.c.removed_at.is_(None)).order_by(editors.c.editor_id)
    return [read_editor(row) for row in connection.execute(query)]


def find_editor(connection: Connection, editor_id: int) -> Editor | None:
    """One by number; None for one who was removed."""
    return _find(connection, editors.c.editor_id == editor_id)


def find_editor_by_address(connection: Connection, address: str) -> Editor | None:
    """One by address, normalised; None for one who was removed."""
    return _find(connection, editors.c.address == address)


def record_editor(
    connection: Connection, address: str, name: str, role: Role, now: datetime
) -> Editor:
    """Let somebody sign in; who was removed is back, who is here has this name and role."""
    known = connection.execute(select(editors).where(editors.c.address == address)).first()
    values = {"name": name, "role": role, "removed_at": None}
    if known is None:
        row = {"address": address, "language": "", "created_at": now, **values}
        connection.execute(insert(editors).values(row))
    else:
        connection.execute(
            update(editors).where(editors.c.editor_id == known.editor_id).values(values)
        )
    found = find_editor_by_address(connection, address)
    assert found is not None  # noqa: S101 - written above, in this transaction
    return found


def change_editor(connection: Connection, editor_id: int, *, name: str, language: str) -> None:
    """Change what an editor says of themselves."""
    statement = update(editors).where(editors.c.editor_id == editor_id)
    connection.execute(statement.values(name=name, language=language))


def change_role(connection: Connection, editor_id: int, role: Role) -> None:
    """Let an editor do more or less."""
    statement = update(editors).where(editors.c.editor_id == editor_id)
    connection.execute(statement.values(role=role))


def remove_editor(connection: Connection, editor_id: int, now: datetime) -> bool:
    """Let somebody sign in no more; False when they could not already."""
    is_here = (editors.c.editor_id == editor_id) & editors.c.removed_at.is_(None)
    statement = update(editors).where(is_here).values(removed_at=now)
    return connection.execute(statement).rowcount == 1


def count_owners(connection: Connection) -> int:
    """How many owners there are; their rows are held until the end of the transaction."""
    is_owner = (editors.c.role == Role.OWNER) & editors.c.removed_at.is_(None)
    connection.execute(select(editors.c.editor_id).where(is_owner).with_for_update()).all()
    return int(connection.execute(select(func.count()).where(is_owner)).scalar_one())


def read_editor(row: Row[tuple[object, ...]]) -> Editor:
    """An editor from a row that has their columns."""
    return Editor(
        editor_id=row.editor_id,
        address=row.address,
        name=row.name,
        role=Role(row.role),
        language=row.language,
        created_at=row.created_at,
    )


def _find(connection: Connection, condition: ColumnElement[bool]) -> Editor | None:
    query = select(editors).where(condition, editors.c.removed_at.is_(None))
    row = connection.execute(query).first()
    return None if row is None else read_editor(row)
