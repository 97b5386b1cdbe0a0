"""Tokens with which programs use the API: shown once, kept as digests, good for some scopes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from service.errors import UsageError
from service.model.editor import Actor, ApiToken, Scope
from service.staff.secrets import digest_secret, make_secret
from service.store import api_tokens
from service.store.audit import record_action
from service.store.database import Database

PREFIX = "kawaraban_"
"""Tells a person, and programs that look for secrets in code, what a token is."""

_NOTED_EVERY = timedelta(minutes=5)


def issue_token(
    database: Database,
    name: str,
    scopes: Iterable[Scope],
    *,
    by: Actor,
    now: datetime,
    expires_at: datetime | None = None,
) -> tuple[int, str]:
    """Make a token; its number, and itself for the only time. Raises UsageError without scopes."""
    wanted = frozenset(scopes)
    if not wanted:
        raise UsageError("a token needs a scope: {known}", known=", ".join(Scope))
    token = PREFIX + make_secret()
    with database.writing() as connection:
        number = api_tokens.record_api_token(
            connection,
            name=name,
            digest=digest_secret(token),
            scopes=wanted,
            created_by=by.name,
            now=now,
            expires_at=expires_at,
        )
        detail = {"scopes": sorted(wanted)}
        record_action(connection, by, "token.issue", f"token:{number}", detail, now)
    return number, token


def verify_token(database: Database, token: str, clock: Callable[[], datetime]) -> ApiToken | None:
    """What a shown token is; None for one that does not count."""
    now = clock()
    with database.reading() as connection:
        found = api_tokens.find_api_token(connection, digest_secret(token), now)
    if found is not None and (found.used_at is None or now - found.used_at > _NOTED_EVERY):
        with database.writing() as connection:
            api_tokens.record_use(connection, found.api_token_id, now)
    return found


def revoke_token(database: Database, api_token_id: int, now: datetime, *, by: Actor) -> None:
    """Let a token count no more; raises UsageError when it did not already."""
    with database.writing() as connection:
        if not api_tokens.revoke_api_token(connection, api_token_id, now):
            raise UsageError("there is no token {token}", token=api_token_id)
        record_action(connection, by, "token.revoke", f"token:{api_token_id}", {}, now)
