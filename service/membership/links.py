"""Whose a signed link is."""

from __future__ import annotations

from service.audience.tokens import Purpose, read_link
from service.errors import TokenError
from service.membership.register import Register
from service.store import subscribers
from service.store.database import Database
from service.store.subscribers import Reader


def find_reader(database: Database, register: Register, purpose: Purpose, token: str) -> Reader:
    """Whose link this is; raises TokenError when it is nobody's, or of a reader erased since."""
    subject = read_link(register.key_ring, purpose, token)
    if not subject.startswith("s") or not subject[1:].isdigit():
        raise TokenError("this link is for something else")
    with database.reading() as connection:
        reader = subscribers.find_subscription(connection, int(subject[1:]))
    if reader is None or reader.subscriber.address is None:
        raise TokenError("this link belongs to somebody who was erased")
    return reader
