"""What the pages of one reader share: finding who it is, and saying it."""

from __future__ import annotations

from sqlalchemy import Connection
from starlette.exceptions import HTTPException

from service.errors import NotAllowedError
from service.model.editor import Role
from service.model.subscriber import Subscriber
from service.store.subscribers import find_subscriber_by_id
from service.web.desk.visits import Visit


def find_or_404(connection: Connection, reader_id: int) -> Subscriber:
    """One reader; raises HTTPException 404 for none, NotAllowedError for one who was erased."""
    found = find_subscriber_by_id(connection, reader_id) if reader_id < 2**63 else None
    if found is None:
        raise HTTPException(404)
    if found.address is None:
        raise NotAllowedError(
            "reader {reader} was erased; nothing is known of them any more", reader=reader_id
        )
    return found


def show_who(visit: Visit, reader: Subscriber) -> dict[str, object]:
    """Who it is; only a number for those who may see no address."""
    names = visit.may(Role.EDITOR)
    return {
        "reader_id": reader.subscriber_id,
        "address": reader.address if names else "",
        "name": reader.name if names else "",
    }
