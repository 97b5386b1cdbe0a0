"""A stranger's form taken in: the same work whoever the address belongs to."""

from __future__ import annotations

from collections.abc import Sequence

import structlog

from service.model.signup import Signup
from service.store.database import Database
from service.store.signups import keep_signups

log = structlog.get_logger(__name__)


def sign_up(database: Database, wanted: Sequence[Signup], network: str) -> None:
    """Let these wait for their answer by mail, all from one form; too many are not kept.

    Whether the address is known, suppressed or erased is looked at later, when nobody waits to
    learn it from how long that takes.
    """
    with database.writing() as connection:
        is_kept = keep_signups(connection, wanted, network)
    if not is_kept:
        log.warning("a sign-up was not taken: too many wait already", asked=len(wanted))
