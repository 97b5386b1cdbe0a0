"""SendGrid's v3 API: one request a batch, a personalization for each reader.

Sources: SendGrid's published OpenAPI (POST /v3/mail/send) and its pages "Mail Send" with "Errors",
"Rate Limits", "API errors", "Substitution Tags", "Personalizations" and "Sandbox Mode"; what is
known from elsewhere says so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any

from service.errors import ConfigError, RefusedError, UnsupportedError, UnsureError
from service.model.delivery import Refusal, Scope
from service.model.message import OutgoingBatch
from service.outbound.client import OutboundClient, Reply
from service.providers.answers import Grounds, find_text, parse_json
from service.providers.base import Capabilities, Outcome, Prepared
from service.providers.calls import NOT_NOW, post_batch
from service.providers.listing import ListReader
from service.providers.sendgrid_body import SANDBOX, compose_body
from service.providers.sendgrid_lists import read_lists
from service.providers.suppressing import ListedAddress

_REGIONS = {"global": "https://api.sendgrid.com", "eu": "https://api.eu.sendgrid.com"}
# OpenAPI: 1,000 personalizations. "Mail Send": 30 MB a message, of which all readers share one.
_CAPABILITIES = Capabilities(
    batch_limit=1_000, byte_limit=30_000_000, merges=True, same_key_for=None, sends_events=True
)

# Which answers prove that the batch was not taken, when their body is its list of errors. 400 to
# 413: OpenAPI. 429: "Rate Limits". 451 (data must stay in its region): "API errors". A request is
# checked as a whole before anything of it is queued; 5xx and anything else prove nothing.
_REFUSALS = {
    400: Grounds(Scope.BATCH, "bad_request"),
    401: Grounds(Scope.ACCOUNT, "unauthorized"),
    403: Grounds(Scope.ACCOUNT, "forbidden"),
    404: Grounds(Scope.ACCOUNT, "not_found"),
    405: Grounds(Scope.ACCOUNT, "not_allowed"),
    413: Grounds(Scope.BATCH, "too_large"),
    429: Grounds(Scope.ACCOUNT, "rate_limited", timedelta(seconds=1)),
    451: Grounds(Scope.ACCOUNT, "data_residency"),
}
# A 400 that is not about a personalization: halving would blame reader after reader for what they
# share. "Errors": each message there names its field.
_SHARED = Grounds(Scope.ACCOUNT, "bad_message")
# A 401 with these words, as its customers report it.
_NO_CREDITS = "Maximum credits exceeded"


@dataclass(frozen=True, slots=True)
class SendGridSettings:
    """One account; `account` is our name for it, `base_url` replaces the region's address.

    Raises ConfigError.
    """

    api_key: str = field(repr=False)
    region: str = "global"
    account: str = ""
    base_url: str = ""
    test_mode: bool = False

    def __post_init__(self) -> None:
        if not self.base_url and self.region not in _REGIONS:
            raise ConfigError([f"provider.region: one of {', '.join(_REGIONS)}"])

    @property
    def url(self) -> str:
        """Where messages are posted."""
        return f"{self.api_url}/mail/send"

    @property
    def api_url(self) -> str:
        """Where everything of the account is."""
        base = self.base_url or _REGIONS[self.region]
        return f"{base.rstrip('/')}/v3"

    @property
    def authorization(self) -> Mapping[str, str]:
        """The headers that prove who asks, and for what form of answer."""
        return {"Accept": "application/json", "Authorization": f"Bearer {self.api_key}"}


class SendGridProvider:
    """Sends batches through one SendGrid account."""

    def __init__(self, settings: SendGridSettings, client: OutboundClient) -> None:
        self._settings = settings
        self._client = client

    @classmethod
    def build(
        cls, options: Mapping[str, Any], api_key: str, client: OutboundClient
    ) -> SendGridProvider:
        """Return the adapter for what [provider] says; raises ConfigError."""
        return cls(SendGridSettings(api_key=api_key, **options), client)

    @property
    def account(self) -> str:
        """The name that batches carry."""
        return ":".join(filter(None, ("sendgrid", self._settings.account)))

    @property
    def capabilities(self) -> Capabilities:
        """SendGrid merges, and knows no idempotency key."""
        return _CAPABILITIES

    def prepare(self, batch: OutgoingBatch) -> Prepared:
        """Return the request's JSON; raises UnsupportedError where something would be lost."""
        body = compose_body(
            batch,
            limit=_CAPABILITIES.batch_limit,
            test_mode=self._settings.test_mode or batch.test_mode,
        )
        if len(body) > _CAPABILITIES.byte_limit:
            raise UnsupportedError(
                "the request is longer than the {most} MB that {provider} takes",
                most=30,
                provider="SendGrid",
            )
        row_ids = tuple(recipient.row_id for recipient in batch.recipients)
        return Prepared(batch.key, "application/json", (body,), row_ids)

    def send(
        self, prepared: Prepared, *, total_for: timedelta, ready: Callable[[], None]
    ) -> Outcome:
        """Post the batch once; SendGrid answers with one id for all, in a header, or with none."""
        reply = post_batch(
            self._client,
            self._settings.url,
            prepared,
            self._settings.authorization,
            total_for=total_for,
            ready=ready,
        )
        # "Sandbox Mode": 200 where nothing is delivered, in place of 202.
        is_test = prepared.bodies[0].endswith(SANDBOX)
        _require_accepted(reply, HTTPStatus.OK if is_test else HTTPStatus.ACCEPTED)
        message_id = reply.headers.get("x-message-id", "")
        return Outcome(dict.fromkeys(prepared.row_ids, message_id) if message_id else {})

    def list_suppressed(
        self,
        *,
        total_for: timedelta,
        pause: Callable[[timedelta], None],  # noqa: ARG002
    ) -> Iterator[ListedAddress]:
        """Yield whom SendGrid does not write to any more; raises DeliveryError for half a list."""
        settings = self._settings
        reader = ListReader(self._client, "SendGrid", lambda _: settings.authorization, total_for)
        return read_lists(reader, settings.api_url)


def _require_accepted(reply: Reply, expected: HTTPStatus) -> None:
    if reply.status == expected and not reply.body.strip():
        return
    message, about = _read_error(parse_json(reply.body))
    grounds = _REFUSALS.get(reply.status)
    if grounds is None or not message:
        raise UnsureError(
            "{provider} answered {status} with something that proves nothing",
            provider="SendGrid",
            status=reply.status,
        )
    raise RefusedError(_name_refusal(grounds, reply, message, about))


def _read_error(answer: object) -> tuple[str, str]:
    """Return the first error's message and the field it is about, both empty where none is."""
    errors = answer.get("errors") if isinstance(answer, dict) else None
    first = errors[0] if isinstance(errors, list) and errors else None
    return find_text(first, "message"), find_text(first, "field")


def _name_refusal(grounds: Grounds, reply: Reply, message: str, about: str) -> Refusal:
    if reply.status == HTTPStatus.BAD_REQUEST and not about.startswith("personalizations"):
        grounds = _SHARED
    if reply.status == HTTPStatus.UNAUTHORIZED and _NO_CREDITS in message:
        grounds = Grounds(Scope.ACCOUNT, "no_credits")
    detail = f"{about}: {message}" if about not in {"", "null"} else message
    return grounds.refuse(detail, retry_after=reply.retry_after or _read_reset(reply) or NOT_NOW)


def _read_reset(reply: Reply) -> timedelta | None:
    """Return the time until X-RateLimit-Reset (seconds since 1970), by the answer's own Date."""
    value = reply.headers.get("x-ratelimit-reset", "")
    if not re.fullmatch(r"[0-9]{9,11}", value):
        return None
    try:
        answered_at = parsedate_to_datetime(reply.headers["date"])
        return max(datetime.fromtimestamp(int(value), UTC) - answered_at, timedelta(0))
    except (KeyError, ValueError, TypeError, OverflowError):
        return None
