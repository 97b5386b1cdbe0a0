"""Resend's HTTP API: one request of whole messages a batch, under an idempotency key.

Sources: Resend's published OpenAPI (POST /emails/batch); its pages "Idempotency Keys", "Batch
Idempotency Keys" and "Rate Limit"; what is known from elsewhere says so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from service.errors import UnsupportedError
from service.model.message import OutgoingBatch
from service.model.publication import Sender
from service.outbound.client import OutboundClient
from service.providers.base import Capabilities, Outcome, Prepared, Rate, RateUnit
from service.providers.calls import post_batch
from service.providers.json_mold import Address, JsonMold, RowId, Shape, Varied, join_list
from service.providers.listing import ListReader
from service.providers.mime import cut_headers
from service.providers.recipients import check_address, check_header, check_recipients
from service.providers.resend_answers import read_ids
from service.providers.resend_lists import read_list
from service.providers.suppressing import ListedAddress

_URL = "https://api.resend.com"
_CAPABILITIES = Capabilities(
    # OpenAPI: 100 messages. No size of a call is published; one mail may have 40 MB.
    batch_limit=100,
    byte_limit=10_000_000,
    merges=False,
    # "Idempotency Keys": 24 hours; the margin is the reconciler's.
    same_key_for=timedelta(hours=24),
    sends_events=True,
    # "Rate Limit": 5 calls a second in its newest wording, 2 in older ones.
    rate=Rate(2, timedelta(seconds=1), RateUnit.CALLS),
)
_KEY = re.compile(r"[\x21-\x7e]{1,256}")

# Resend refuses a name in quotation marks and one in encoded words (found by django-anymail), so
# it stands bare, and what would need quoting becomes its wide sibling.
_WIDE = str.maketrans('(),"<>@[]\\:;', "（），＂＜＞＠［］＼：；")


@dataclass(frozen=True, slots=True)
class ResendSettings:
    """One team; `account` is our name for it, for Resend has none to show."""

    api_key: str = field(repr=False)
    account: str = ""
    base_url: str = ""

    @property
    def url(self) -> str:
        """Where everything of the team is."""
        return self.base_url or _URL

    @property
    def authorization(self) -> Mapping[str, str]:
        """The header that proves who asks."""
        return {"Authorization": f"Bearer {self.api_key}"}


class ResendProvider:
    """Sends batches through one Resend team."""

    def __init__(self, settings: ResendSettings, client: OutboundClient) -> None:
        self._settings = settings
        self._client = client

    @classmethod
    def build(
        cls, options: Mapping[str, Any], api_key: str, client: OutboundClient
    ) -> ResendProvider:
        """Return the adapter for what [provider] says."""
        return cls(ResendSettings(api_key=api_key, **options), client)

    @property
    def account(self) -> str:
        """The name that batches carry."""
        return ":".join(filter(None, ("resend", self._settings.account)))

    @property
    def capabilities(self) -> Capabilities:
        """Resend takes the same key once, and merges nothing."""
        return _CAPABILITIES

    def prepare(self, batch: OutgoingBatch) -> Prepared:
        """Return the list of messages; raises UnsupportedError where one could not go whole."""
        _check_batch(batch)
        mold = JsonMold.of(_shape_message(batch))
        body = join_list(mold.cast_bytes(recipient) for recipient in batch.recipients)
        if len(body) > _CAPABILITIES.byte_limit:
            raise UnsupportedError(
                "the request is longer than we trust {provider} with", provider="Resend"
            )
        row_ids = tuple(recipient.row_id for recipient in batch.recipients)
        return Prepared(batch.key, "application/json", (body,), row_ids)

    def send(
        self, prepared: Prepared, *, total_for: timedelta, ready: Callable[[], None]
    ) -> Outcome:
        """Post the messages once; Resend answers with an id for each, in their order."""
        reply = post_batch(
            self._client,
            f"{self._settings.url}/emails/batch",
            prepared,
            {**self._settings.authorization, "Idempotency-Key": prepared.key},
            total_for=total_for,
            ready=ready,
        )
        ids = read_ids(reply, len(prepared.row_ids))
        return Outcome(message_ids=dict(zip(prepared.row_ids, ids, strict=True)))

    def list_suppressed(
        self, *, total_for: timedelta, pause: Callable[[timedelta], None]
    ) -> Iterator[ListedAddress]:
        """Yield whom Resend does not write to any more; raises DeliveryError for half a list."""
        settings = self._settings
        reader = ListReader(self._client, "Resend", lambda _: settings.authorization, total_for)
        return read_list(reader, settings.url, pause)


def _check_batch(batch: OutgoingBatch) -> None:
    check_recipients(batch, _CAPABILITIES.batch_limit)
    check_header("Subject", batch.subject)
    check_header("From", batch.sender.name)
    check_address(batch.sender.email, "the sender's address")
    if batch.sender.reply_to:
        check_address(batch.sender.reply_to, "the reply address")
    if not _KEY.fullmatch(batch.key):
        raise UnsupportedError(
            "a batch's key must be 1 to {most} visible ASCII characters", most=256
        )
    if batch.test_mode:
        raise UnsupportedError("Resend has no test mode: it would deliver this mail")
    if len({name.lower() for name, _ in batch.headers}) < len(batch.headers):
        raise UnsupportedError("{provider} takes each header once", provider="Resend")


def _shape_message(batch: OutgoingBatch) -> Shape:
    names = [name for name, _ in cut_headers(batch)]
    values = [Varied.header(value) for _, value in batch.headers]
    reply_to = {"reply_to": batch.sender.reply_to} if batch.sender.reply_to else {}
    return {
        "from": _name_sender(batch.sender),
        "to": [Address()],
        "subject": batch.subject,
        **reply_to,
        "headers": dict(zip(names, values, strict=True)),
        # OpenAPI: letters, digits, _ and -.
        "tags": [
            {"name": "batch", "value": re.sub(r"[^A-Za-z0-9_-]", "_", batch.key)},
            {"name": "row", "value": RowId()},
        ],
        "text": Varied.text(batch.text),
        "html": Varied.html(batch.html),
    }


def _name_sender(sender: Sender) -> str:
    name = sender.name.translate(_WIDE).strip()
    return f"{name} <{sender.email}>" if name else sender.email
