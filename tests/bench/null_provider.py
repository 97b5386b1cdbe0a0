"""A provider that takes everything at once: what is measured is ours alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta

from service.model.message import OutgoingBatch
from service.providers.base import Capabilities, Outcome, Prepared


class NullProvider:
    """Encodes recipients as a merging API would want them, and throws the bytes away."""

    account = "null"
    capabilities = Capabilities(
        batch_limit=1000, byte_limit=25_000_000, merges=True, same_key_for=None
    )

    def __init__(self) -> None:
        self.taken = 0

    def prepare(self, batch: OutgoingBatch) -> Prepared:
        """One JSON body with the content once and the values of every recipient."""
        recipients = {one.address: dict(one.values) for one in batch.recipients}
        body = json.dumps(
            {"subject": batch.subject, "html": batch.html, "text": batch.text, "to": recipients}
        )
        ids = tuple(one.row_id for one in batch.recipients)
        return Prepared(batch.key, "application/json", (body.encode(),), ids)

    def send(
        self, prepared: Prepared, *, total_for: timedelta, ready: Callable[[], None]
    ) -> Outcome:
        """Take it."""
        ready()
        self.taken += len(prepared.row_ids)
        return Outcome()
