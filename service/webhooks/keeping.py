"""What webhooks were told, forgotten after a while."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog

from service.store.database import Database
from service.store.webhook_messages import drop_old_messages, has_old_messages

log = structlog.get_logger(__name__)

KEPT_FOR = timedelta(days=30)
"""Long after the last try: what is older still waits for a stopped webhook, and is no news."""


def forget_old_messages(database: Database, now: datetime) -> int:
    """Forget messages of which nobody asks any more; how many."""
    with database.reading() as connection:
        if not has_old_messages(connection, now - KEPT_FOR):
            return 0
    with database.writing() as connection:
        dropped = drop_old_messages(connection, now - KEPT_FOR)
    log.info("old messages of webhooks are forgotten", messages=dropped)
    return dropped
