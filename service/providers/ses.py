"""Amazon SES v2: one SendBulkEmail a batch, an inline template with each reader's own data.

Sources: the published service model of SES v2 (POST /v2/email/outbound-bulk-emails, signature
version 4); the developer guide's page "Service quotas" (50 recipients, 40 MB a message).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from service.errors import ConfigError, UnsupportedError
from service.model.message import OutgoingBatch
from service.outbound.client import OutboundClient
from service.providers.base import Capabilities, Outcome, Prepared
from service.providers.calls import post_batch
from service.providers.listing import ListReader
from service.providers.recipients import check_recipients
from service.providers.ses_answers import read_outcome
from service.providers.ses_body import encode_body
from service.providers.ses_lists import read_list
from service.providers.suppressing import ListedAddress

_CAPABILITIES = Capabilities(
    batch_limit=50,
    byte_limit=40_000_000,
    merges=True,
    same_key_for=None,
    sends_events=True,
)
_PATH = "/outbound-bulk-emails"
_LIST_PATH = "/suppression/addresses"
_JSON = "application/json"


@dataclass(frozen=True, slots=True)
class SesSettings:
    """One region of one AWS account; `api_key` is `access key id:secret`. Raises ConfigError.

    `configuration_set` is what lets SES report bounces and complaints; `account` is our own name
    for the AWS account.
    """

    region: str
    api_key: str = field(repr=False)
    configuration_set: str = ""
    account: str = ""
    base_url: str = ""

    def __post_init__(self) -> None:
        mistakes = []
        if not re.fullmatch(r"[a-z0-9-]{1,40}", self.region):
            mistakes.append("provider.region: not a region of AWS, such as eu-west-1")
        if not re.fullmatch(r"[A-Za-z0-9_-]{0,64}", self.configuration_set):
            mistakes.append("provider.configuration_set: letters, digits, hyphens and _ only")
        if self.api_key and not all(self.api_key.partition(":")):
            mistakes.append(
                "KAWARABAN_PROVIDER_API_KEY: write the access key id, a colon and the secret"
            )
        if mistakes:
            raise ConfigError(mistakes)

    @property
    def url(self) -> str:
        """Where batches are posted."""
        return self.api_url + _PATH

    @property
    def api_url(self) -> str:
        """Where everything of the account is, in this region."""
        return (self.base_url or f"https://email.{self.region}.amazonaws.com") + "/v2/email"


class SesProvider:
    """Sends batches through one region of SES."""

    def __init__(self, settings: SesSettings, client: OutboundClient) -> None:
        self._settings = settings
        self._client = client

    @classmethod
    def build(cls, options: Mapping[str, Any], api_key: str, client: OutboundClient) -> SesProvider:
        """Return the adapter for what [provider] says."""
        return cls(SesSettings(api_key=api_key, **options), client)

    @property
    def account(self) -> str:
        """The name that batches carry."""
        return ":".join(filter(None, ("ses", self._settings.account, self._settings.region)))

    @property
    def capabilities(self) -> Capabilities:
        """SES merges, knows no idempotency key, and answers reader by reader."""
        return _CAPABILITIES

    def prepare(self, batch: OutgoingBatch) -> Prepared:
        """Return the request's bytes; raises UnsupportedError where SES would lose something."""
        check_recipients(batch, _CAPABILITIES.batch_limit)
        if batch.test_mode:
            raise UnsupportedError("SES tests by its simulator's addresses, not by message")
        body = encode_body(batch, self._settings.configuration_set)
        if len(body) > _CAPABILITIES.byte_limit:
            raise UnsupportedError("the request is longer than {provider} takes", provider="SES")
        row_ids = tuple(recipient.row_id for recipient in batch.recipients)
        return Prepared(batch.key, _JSON, (body,), row_ids)

    def send(
        self, prepared: Prepared, *, total_for: timedelta, ready: Callable[[], None]
    ) -> Outcome:
        """Post the batch once; SES answers each reader in their place."""
        reply = post_batch(
            self._client,
            self._settings.url,
            prepared,
            self._sign("POST", self._settings.url, prepared.bodies[0]),
            total_for=total_for,
            ready=ready,
        )
        return read_outcome(reply, prepared.row_ids)

    def list_suppressed(
        self, *, total_for: timedelta, pause: Callable[[timedelta], None]
    ) -> Iterator[ListedAddress]:
        """Yield whom SES does not write to any more; raises DeliveryError for half a list."""
        reader = ListReader(self._client, "SES", lambda url: self._sign("GET", url), total_for)
        return read_list(reader, self._settings.api_url + _LIST_PATH, pause)

    def _sign(self, method: str, url: str, body: bytes = b"") -> dict[str, str]:
        """Return the headers of a request signed now; the hour is in them, not in the body."""
        settings = self._settings
        key_id, _, secret = settings.api_key.partition(":")
        request = AWSRequest(method, url, {"Content-Type": _JSON}, body)
        SigV4Auth(Credentials(key_id, secret), "ses", settings.region).add_auth(request)
        return dict(request.headers.items())
