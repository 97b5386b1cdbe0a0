"""Mailgun's HTTP API: one request a batch, each reader's own values as recipient variables.

Sources: Mailgun's published OpenAPI (POST /v3/{domain_name}/messages); its pages "Batch sending"
and "Sending messages".
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from service.errors import ConfigError, UnsupportedError
from service.model.message import OutgoingBatch
from service.outbound.client import OutboundClient
from service.outbound.form import encode_form
from service.providers.base import Capabilities, Outcome, Prepared
from service.providers.calls import post_batch
from service.providers.listing import ListReader
from service.providers.looking_up import Sought
from service.providers.mailgun_answers import read_message_id
from service.providers.mailgun_form import list_fields
from service.providers.mailgun_lists import read_lists
from service.providers.mailgun_log import find_accepted
from service.providers.recipients import check_recipients
from service.providers.suppressing import ListedAddress

_REGIONS = {"us": "https://api.mailgun.net", "eu": "https://api.eu.mailgun.net"}
# "Batch sending": 1,000 recipients. "Sending messages": 25 MB a message.
# OpenAPI: events are kept for at least 3 days. When all of them show is nowhere promised ("Event
# Polling" names half an hour as an example), so what does not show is never taken for refused.
_CAPABILITIES = Capabilities(
    batch_limit=1_000,
    byte_limit=25_000_000,
    merges=True,
    same_key_for=None,
    looks_up=True,
    log_kept_for=timedelta(days=3),
    sends_events=True,
)


@dataclass(frozen=True, slots=True)
class MailgunSettings:
    """One sending domain; `base_url` replaces the region's. Raises ConfigError."""

    domain: str
    api_key: str = field(repr=False)
    region: str = "us"
    base_url: str = ""
    test_mode: bool = False

    def __post_init__(self) -> None:
        mistakes = []
        # Anything else, above all a slash, changes the endpoint, which then answers 200.
        if not re.fullmatch(r"[A-Za-z0-9.-]+", self.domain):
            mistakes.append("provider.domain: not a domain name")
        if not self.base_url and self.region not in _REGIONS:
            mistakes.append(f"provider.region: one of {', '.join(_REGIONS)}")
        if mistakes:
            raise ConfigError(mistakes)

    @property
    def url(self) -> str:
        """Where messages are posted."""
        return f"{self.domain_url}/messages"

    @property
    def log_url(self) -> str:
        """Where events are asked for."""
        return f"{self.domain_url}/events"

    @property
    def authorization(self) -> Mapping[str, str]:
        """The header that proves who asks."""
        credentials = base64.b64encode(f"api:{self.api_key}".encode()).decode("ascii")
        return {"Authorization": f"Basic {credentials}"}

    @property
    def domain_url(self) -> str:
        """Where everything of the domain is."""
        base = self.base_url or _REGIONS[self.region]
        return f"{base.rstrip('/')}/v3/{quote(self.domain)}"


class MailgunProvider:
    """Sends batches through one Mailgun domain."""

    def __init__(self, settings: MailgunSettings, client: OutboundClient) -> None:
        self._settings = settings
        self._client = client

    @classmethod
    def build(
        cls, options: Mapping[str, Any], api_key: str, client: OutboundClient
    ) -> MailgunProvider:
        """Return the adapter for what [provider] says; raises ConfigError."""
        return cls(MailgunSettings(api_key=api_key, **options), client)

    @property
    def account(self) -> str:
        """The name that batches carry."""
        return f"mailgun:{self._settings.domain}"

    @property
    def capabilities(self) -> Capabilities:
        """Mailgun merges, and knows no idempotency key."""
        return _CAPABILITIES

    def prepare(self, batch: OutgoingBatch) -> Prepared:
        """Return the form's bytes; raises UnsupportedError where Mailgun would lose something."""
        check_recipients(batch, _CAPABILITIES.batch_limit)
        fields = list_fields(batch, test_mode=self._settings.test_mode or batch.test_mode)
        content_type, body = encode_form(fields, seed=batch.key)
        if len(body) > _CAPABILITIES.byte_limit:
            raise UnsupportedError(
                "the request is longer than {provider} takes", provider="Mailgun"
            )
        row_ids = tuple(recipient.row_id for recipient in batch.recipients)
        return Prepared(batch.key, content_type, (body,), row_ids)

    def send(
        self, prepared: Prepared, *, total_for: timedelta, ready: Callable[[], None]
    ) -> Outcome:
        """Post the form once; Mailgun answers with one id for all its recipients."""
        reply = post_batch(
            self._client,
            self._settings.url,
            prepared,
            self._settings.authorization,
            total_for=total_for,
            ready=ready,
        )
        message_id = read_message_id(reply)
        return Outcome(message_ids=dict.fromkeys(prepared.row_ids, message_id))

    def look_up(self, sought: Sought, *, total_for: timedelta) -> Mapping[int, str]:
        """Return the rows that Mailgun's log shows as accepted; raises UnsureError."""
        settings = self._settings
        return find_accepted(
            self._client, settings.log_url, settings.authorization, sought, total_for=total_for
        )

    def list_suppressed(
        self,
        *,
        total_for: timedelta,
        pause: Callable[[timedelta], None],  # noqa: ARG002
    ) -> Iterator[ListedAddress]:
        """Yield whom Mailgun does not write to any more; raises DeliveryError for half a list."""
        settings = self._settings
        reader = ListReader(self._client, "Mailgun", lambda _: settings.authorization, total_for)
        return read_lists(reader, settings.domain_url)
