"""What is kept of a reader, handed to that reader."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from service.audience.tokens import Purpose
from service.errors import TokenError
from service.membership.fresh import find_fresh_reader
from service.membership.register import Register
from service.store.database import Database
from service.store.disclosure import list_everything


def disclose(database: Database, register: Register, token: str, now: datetime) -> dict[str, Any]:
    """Everything that is kept of the reader of an export link, and nothing of anybody else.

    Raises TokenError, and LinkExpiredError for a link of more than an hour ago.
    """
    reader = find_fresh_reader(database, register, Purpose.EXPORT, token, now)
    if reader.address is None:
        raise TokenError("this link belongs to somebody who was erased")
    with database.reading() as connection:
        found = list_everything(connection, reader.subscriber_id, reader.address)
    return {"publication": register.publication.title, "made_at": now, **found}
