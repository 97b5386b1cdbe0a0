"""The adapter to the proof's provider: real bytes through the real client, in three classes."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from enum import StrEnum
from http import HTTPStatus

from service.errors import NotSentError, RefusedError, UnsureError
from service.model.delivery import Scope
from service.model.message import OutgoingBatch
from service.outbound.client import OutboundClient
from service.providers.answers import Grounds, parse_json
from service.providers.base import Capabilities, Outcome, Prepared
from service.providers.calls import post_batch
from service.providers.looking_up import Sought

LAG = timedelta(minutes=30)
"""How long after it took a mail the log of class B shows it."""

_TOO_MANY = Grounds(Scope.ACCOUNT, "rate", timedelta(seconds=1))


class ProviderClass(StrEnum):
    """What a provider gives to find out what became of a call without an answer."""

    KEYS = "A"
    LOG = "B"
    NOTHING = "C"


class ProofProvider:
    """Sends batches to tests/proof/taking.py."""

    account = "proof"

    def __init__(
        self, kind: ProviderClass, url: str, batch_limit: int, client: OutboundClient
    ) -> None:
        self._url = url
        self._client = client
        bare = Capabilities(
            batch_limit=batch_limit, byte_limit=25_000_000, merges=True, same_key_for=None
        )
        declared = {
            ProviderClass.KEYS: replace(bare, same_key_for=timedelta(days=7)),
            ProviderClass.LOG: replace(
                bare, looks_up=True, log_complete_after=LAG, log_kept_for=timedelta(days=30)
            ),
            ProviderClass.NOTHING: bare,
        }
        self.capabilities = declared[kind]

    def prepare(self, batch: OutgoingBatch) -> Prepared:
        """The whole batch as JSON, so that any difference shows."""
        content = {
            "key": batch.key,
            "to": [one.address for one in batch.recipients],
            "values": [dict(one.values) for one in batch.recipients],
            "date": batch.dated_at.isoformat(),
            "headers": batch.headers,
            "subject": batch.subject,
            "html": batch.html,
            "text": batch.text,
        }
        ids = tuple(one.row_id for one in batch.recipients)
        return Prepared(batch.key, "application/json", (json.dumps(content).encode(),), ids)

    def send(
        self, prepared: Prepared, *, total_for: timedelta, ready: Callable[[], None]
    ) -> Outcome:
        """Post it once; whatever is not the one good answer proves nothing."""
        reply = post_batch(
            self._client, f"{self._url}/send", prepared, {}, total_for=total_for, ready=ready
        )
        answer = parse_json(reply.body)
        if reply.status == HTTPStatus.TOO_MANY_REQUESTS and answer == {"error": "rate"}:
            raise RefusedError(_TOO_MANY.refuse("slow down", retry_after=reply.retry_after))
        if reply.status != HTTPStatus.OK or answer != {"taken": len(prepared.row_ids)}:
            raise UnsureError(f"it answered {reply.status} with something that proves nothing")
        return Outcome(message_ids=dict.fromkeys(prepared.row_ids, prepared.key))

    def look_up(self, sought: Sought, *, total_for: timedelta) -> Mapping[int, str]:
        """The rows of the batch that the log shows now."""
        try:
            reply = self._client.get(
                f"{self._url}/log/{sought.key}", headers={}, total_for=total_for
            )
        except NotSentError as error:
            raise UnsureError(str(error)) from error
        shown = parse_json(reply.body)
        if reply.status != HTTPStatus.OK or not isinstance(shown, list):
            raise UnsureError("the log gave no answer")
        rows = sought.recipients
        return {rows[address]: sought.key for address in shown if address in rows}
