"""What programs show to use the API."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, Row, insert, or_, select, update

from service.model.editor import ApiToken, Scope
from service.store.tables import api_tokens


def record_api_token(
    connection: Connection,
    *,
    name: str,
    digest: str,
    scopes: Iterable[Scope],
    created_by: str,
    now: datetime,
    expires_at: datetime | None,
) -> int:
    """Write down a token by its digest; its number."""
    values = {
        "name": name,
        "digest": digest,
        "scopes": sorted(scopes),
        "created_at": now,
        "created_by": created_by,
        "expires_at": expires_at,
    }
    statement = insert(api_tokens).values(values).returning(api_tokens.c.api_token_id)
    return int(connection.execute(statement).scalar_one())


def find_api_token(connection: Connection, digest: str, now: datetime) -> ApiToken | None:
    """The token with this digest, while it counts."""
    query = select(api_tokens).where(
        api_tokens.c.digest == digest,
        api_tokens.c.revoked_at.is_(None),
        or_(api_tokens.c.expires_at.is_(None), api_tokens.c.expires_at > now),
    )
    row = connection.execute(query).first()
    return None if row is None else _read_token(row)


def list_api_tokens(connection: Connection) -> list[ApiToken]:
    """All that were not revoked, the oldest first."""
    query = select(api_tokens).where(api_tokens.c.revoked_at.is_(None))
    return [_read_token(row) for row in connection.execute(query.order_by("api_token_id"))]


def record_use(connection: Connection, api_token_id: int, now: datetime) -> None:
    """Note when a token was used last."""
    is_it = api_tokens.c.api_token_id == api_token_id
    connection.execute(update(api_tokens).where(is_it).values(used_at=now))


def revoke_api_token(connection: Connection, api_token_id: int, now: datetime) -> bool:
    """Let a token count no more; False when it did not already."""
    is_live = (api_tokens.c.api_token_id == api_token_id) & api_tokens.c.revoked_at.is_(None)
    return (
        connection.execute(update(api_tokens).where(is_live).values(revoked_at=now)).rowcount == 1
    )


def _read_token(row: Row[tuple[object, ...]]) -> ApiToken:
    return ApiToken(
        api_token_id=row.api_token_id,
        name=row.name,
        scopes=frozenset(Scope(one) for one in row.scopes),
        created_at=row.created_at,
        created_by=row.created_by,
        used_at=row.used_at,
        expires_at=row.expires_at,
    )
