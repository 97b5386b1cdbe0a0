"""Brevo's API: one call a reader, under an idempotency key.

Many readers fit into one call (messageVersions), but neither Brevo's published OpenAPI nor its own
client (v5) knows headers for one version of a message, and List-Unsubscribe differs from reader to
reader. django-anymail sends such headers, and its live tests look at the answer only: whether they
arrive is not known. The headers of a whole call are documented, and 1,000 calls a second allowed.

Sources: the OpenAPI (POST /smtp/email); Brevo's pages "Batch send transactional emails",
"Idempotency for batch emails", "Using sandbox mode", "Rate limits" and "Rate limit headers"; what
is known from elsewhere says so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from service.errors import RefusedError, UnsupportedError, UnsureError
from service.model.delivery import Refusal, Scope
from service.model.message import OutgoingBatch
from service.outbound.client import OutboundClient, Reply
from service.providers.answers import Grounds, find_text, parse_json
from service.providers.base import Capabilities, Outcome, Prepared, Rate, RateUnit
from service.providers.brevo_body import compose_body
from service.providers.brevo_lists import read_list
from service.providers.calls import NOT_NOW, post_batch
from service.providers.listing import ListReader
from service.providers.suppressing import ListedAddress

_URL = "https://api.brevo.com/v3"
_CAPABILITIES = Capabilities(
    batch_limit=1,
    # No size of a call is published; a mail of ours is far below this.
    byte_limit=10_000_000,
    merges=False,
    # "Idempotency for batch emails" says 30 minutes, the changelog 15.
    same_key_for=timedelta(minutes=15),
    sends_events=True,
    # "Rate limits".
    rate=Rate(1_000, timedelta(seconds=1), RateUnit.CALLS),
)
# "Idempotency for batch emails": a key used within its lifetime is answered so, and the call is
# not processed, for the earlier one was. Only a replay can have such a key.
_TAKEN_BEFORE = (400, "duplicate_parameter")

_BAD_MESSAGE = Grounds(Scope.ACCOUNT, "bad_message")
_FORBIDDEN = Grounds(Scope.ACCOUNT, "forbidden")
# Which answers prove that the mail was not taken, by status and `code`. Codes: the OpenAPI's error
# model. Statuses: 400 there; the others as Brevo's clients show them for this endpoint. A call has
# one reader, so what is wrong with the message would end one reader after the other: it pauses.
_REFUSALS = {
    (400, "invalid_parameter"): _BAD_MESSAGE,
    (400, "missing_parameter"): _BAD_MESSAGE,
    (400, "out_of_range"): _BAD_MESSAGE,
    (400, "bad_request"): _BAD_MESSAGE,
    (422, "unprocessable_entity"): _BAD_MESSAGE,
    (401, "unauthorized"): Grounds(Scope.ACCOUNT, "unauthorized"),
    (402, "not_enough_credits"): Grounds(Scope.ACCOUNT, "no_credits"),
    (403, "permission_denied"): _FORBIDDEN,
    (403, "account_under_validation"): _FORBIDDEN,
    (404, "document_not_found"): Grounds(Scope.ACCOUNT, "not_found"),
    (405, "method_not_allowed"): Grounds(Scope.ACCOUNT, "not_allowed"),
    (406, "not_acceptable"): Grounds(Scope.ACCOUNT, "not_acceptable"),
}
# "Rate limit headers"; its code is not published, so any error of Brevo's form will do.
_RATE_LIMITED = Grounds(Scope.ACCOUNT, "rate_limited", timedelta(seconds=1))
# "email is not valid in to" (found in its clients' issues).
_ABOUT_READER = re.compile(r"\bin to$")
_BAD_ADDRESS = Grounds(Scope.BATCH, "invalid_address")


@dataclass(frozen=True, slots=True)
class BrevoSettings:
    """One account; `account` is our name for it."""

    api_key: str = field(repr=False)
    account: str = ""
    base_url: str = ""
    test_mode: bool = False

    @property
    def url(self) -> str:
        """Where everything of the account is."""
        return self.base_url or _URL

    @property
    def authorization(self) -> Mapping[str, str]:
        """The headers that prove who asks, and for what form of answer."""
        return {"Accept": "application/json", "api-key": self.api_key}


class BrevoProvider:
    """Sends batches of one through one Brevo account."""

    def __init__(self, settings: BrevoSettings, client: OutboundClient) -> None:
        self._settings = settings
        self._client = client

    @classmethod
    def build(
        cls, options: Mapping[str, Any], api_key: str, client: OutboundClient
    ) -> BrevoProvider:
        """Return the adapter for what [provider] says."""
        return cls(BrevoSettings(api_key=api_key, **options), client)

    @property
    def account(self) -> str:
        """The name that batches carry."""
        return ":".join(filter(None, ("brevo", self._settings.account)))

    @property
    def capabilities(self) -> Capabilities:
        """Brevo takes the same key once, and one reader a call."""
        return _CAPABILITIES

    def prepare(self, batch: OutgoingBatch) -> Prepared:
        """Return the mail as JSON; raises UnsupportedError where Brevo would lose something."""
        body = compose_body(
            batch,
            limit=_CAPABILITIES.batch_limit,
            test_mode=self._settings.test_mode or batch.test_mode,
        )
        if len(body) > _CAPABILITIES.byte_limit:
            raise UnsupportedError(
                "the request is longer than we trust {provider} with", provider="Brevo"
            )
        return Prepared(batch.key, "application/json", (body,), (batch.recipients[0].row_id,))

    def send(
        self, prepared: Prepared, *, total_for: timedelta, ready: Callable[[], None]
    ) -> Outcome:
        """Post the mail once; Brevo answers with its id, or that it had taken it before."""
        reply = post_batch(
            self._client,
            f"{self._settings.url}/smtp/email",
            prepared,
            self._settings.authorization,
            total_for=total_for,
            ready=ready,
        )
        message_id = _read_message_id(reply)
        return Outcome(dict.fromkeys(prepared.row_ids, message_id) if message_id else {})

    def list_suppressed(
        self,
        *,
        total_for: timedelta,
        pause: Callable[[timedelta], None],  # noqa: ARG002
    ) -> Iterator[ListedAddress]:
        """Yield whom Brevo does not write to any more; raises DeliveryError for half a list."""
        settings = self._settings
        reader = ListReader(self._client, "Brevo", lambda _: settings.authorization, total_for)
        return read_list(reader, settings.url)


def _read_message_id(reply: Reply) -> str:
    """Return the mail's id; empty where an earlier call under our key was taken."""
    answer = parse_json(reply.body)
    message_id = find_text(answer, "messageId")
    if reply.status == HTTPStatus.CREATED and message_id:
        return message_id
    code, message = find_text(answer, "code").lower(), find_text(answer, "message")
    if (reply.status, code) == _TAKEN_BEFORE:
        return ""
    if not (code and message):
        raise UnsureError(
            "{provider} answered {status} with something that proves nothing",
            provider="Brevo",
            status=reply.status,
        )
    raise RefusedError(_name_refusal(reply, code, message))


def _name_refusal(reply: Reply, code: str, message: str) -> Refusal:
    is_rate = reply.status == HTTPStatus.TOO_MANY_REQUESTS
    grounds = _RATE_LIMITED if is_rate else _REFUSALS.get((reply.status, code))
    if grounds is None:
        raise UnsureError(
            "Brevo answered {status} with '{code}', which proves nothing",
            status=reply.status,
            code=code,
        )
    if grounds is _BAD_MESSAGE and _ABOUT_READER.search(message):
        grounds = _BAD_ADDRESS
    wait_for = reply.retry_after or _read_reset(reply) or NOT_NOW
    return grounds.refuse(f"{code}: {message}", retry_after=wait_for)


def _read_reset(reply: Reply) -> timedelta | None:
    """Return how long the limit still holds ("Rate limit headers": in seconds, typically)."""
    value = reply.headers.get("x-sib-ratelimit-reset", "").strip()
    return timedelta(seconds=int(value)) if re.fullmatch(r"[0-9]{1,6}", value) else None
