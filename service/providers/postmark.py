"""Postmark's HTTP API: one request of whole messages a batch, answered message by message.

Sources: Postmark's published OpenAPI (POST /email/batch); its pages "Send batch emails", "Sending
with API" and "Message Streams".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from service.errors import UnsupportedError
from service.model.message import OutgoingBatch
from service.outbound.client import OutboundClient
from service.providers.base import Capabilities, Outcome, Prepared
from service.providers.calls import post_batch
from service.providers.json_mold import Address, JsonMold, RowId, Shape, Varied, join_list
from service.providers.listing import ListReader
from service.providers.mime import cut_headers, format_sender
from service.providers.postmark_answers import read_outcome
from service.providers.postmark_lists import ANSWER_LIMIT, read_lists
from service.providers.recipients import check_address, check_header, check_recipients
from service.providers.suppressing import ListedAddress

_URL = "https://api.postmarkapp.com"
# "Send batch emails": 500 messages and 50 MB a call.
_CAPABILITIES = Capabilities(
    batch_limit=500, byte_limit=50_000_000, merges=False, same_key_for=None, sends_events=True
)
# "Sending with API": 10 MB a message.
_MESSAGE_LIMIT = 10_000_000
# Limits of metadata: 80 characters a value.
_KEY = re.compile(r"[\x21-\x7e]{1,80}")


@dataclass(frozen=True, slots=True)
class PostmarkSettings:
    """One server, by its token; `account` is our name for it.

    `stream` is a broadcast stream, `notice_stream` a transactional one: Postmark asks that both
    kinds of mail be kept apart.
    """

    api_key: str = field(repr=False)
    stream: str = "broadcast"
    notice_stream: str = "outbound"
    account: str = ""
    base_url: str = ""

    @property
    def url(self) -> str:
        """Where everything of the server is."""
        return self.base_url or _URL

    @property
    def authorization(self) -> Mapping[str, str]:
        """The headers that prove who asks, and for what form of answer."""
        return {"Accept": "application/json", "X-Postmark-Server-Token": self.api_key}


class PostmarkProvider:
    """Sends editions through one stream of a Postmark server, and notices through another."""

    def __init__(self, settings: PostmarkSettings, client: OutboundClient) -> None:
        self._settings = settings
        self._client = client

    @classmethod
    def build(
        cls, options: Mapping[str, Any], api_key: str, client: OutboundClient
    ) -> PostmarkProvider:
        """Return the adapter for what [provider] says."""
        return cls(PostmarkSettings(api_key=api_key, **options), client)

    @property
    def account(self) -> str:
        """The name that batches carry."""
        return ":".join(filter(None, ("postmark", self._settings.account, self._settings.stream)))

    @property
    def capabilities(self) -> Capabilities:
        """Postmark merges nothing here, and knows no idempotency key."""
        return _CAPABILITIES

    def prepare(self, batch: OutgoingBatch) -> Prepared:
        """Return the list of messages; raises UnsupportedError where one could not go whole."""
        _check_batch(batch)
        settings = self._settings
        stream = settings.notice_stream if batch.is_notice else settings.stream
        mold = JsonMold.of(_shape_message(batch, stream))
        messages = [mold.cast_bytes(recipient) for recipient in batch.recipients]
        if max(map(len, messages)) > _MESSAGE_LIMIT:
            raise UnsupportedError(
                "a message is longer than the {most} MB that {provider} takes",
                most=10,
                provider="Postmark",
            )
        body = join_list(messages)
        if len(body) > _CAPABILITIES.byte_limit:
            raise UnsupportedError(
                "the request is longer than the {most} MB that {provider} takes",
                most=50,
                provider="Postmark",
            )
        row_ids = tuple(recipient.row_id for recipient in batch.recipients)
        return Prepared(batch.key, "application/json", (body,), row_ids)

    def send(
        self, prepared: Prepared, *, total_for: timedelta, ready: Callable[[], None]
    ) -> Outcome:
        """Post the messages once; Postmark answers each in its place."""
        reply = post_batch(
            self._client,
            f"{self._settings.url}/email/batch",
            prepared,
            self._settings.authorization,
            total_for=total_for,
            ready=ready,
        )
        return read_outcome(reply, prepared.row_ids)

    def list_suppressed(
        self,
        *,
        total_for: timedelta,
        pause: Callable[[timedelta], None],  # noqa: ARG002
    ) -> Iterator[ListedAddress]:
        """Yield whom its streams do not write to any more; raises DeliveryError for half a list."""
        settings, client = self._settings, self._client.allowing(ANSWER_LIMIT)
        reader = ListReader(client, "Postmark", lambda _: settings.authorization, total_for)
        streams = dict.fromkeys((settings.stream, settings.notice_stream))
        return read_lists(reader, settings.url, streams)


def _check_batch(batch: OutgoingBatch) -> None:
    check_recipients(batch, _CAPABILITIES.batch_limit)
    check_header("Subject", batch.subject)
    if batch.sender.reply_to:
        check_address(batch.sender.reply_to, "the reply address")
    if not _KEY.fullmatch(batch.key):
        raise UnsupportedError(
            "a batch's key must be 1 to {most} visible ASCII characters", most=80
        )
    if batch.test_mode:
        raise UnsupportedError("Postmark tests by its token POSTMARK_API_TEST, not by message")


def _shape_message(batch: OutgoingBatch, stream: str) -> Shape:
    cut_headers(batch)
    reply_to = {"ReplyTo": batch.sender.reply_to} if batch.sender.reply_to else {}
    headers: list[Shape] = [
        {"Name": name, "Value": Varied.header(value)} for name, value in batch.headers
    ]
    # Without it Postmark puts a Message-ID of its own in the place of ours.
    headers.append({"Name": "X-PM-KeepID", "Value": "true"})
    return {
        "From": format_sender(batch.sender),
        "To": Address(),
        "Subject": batch.subject,
        **reply_to,
        "Headers": headers,
        "MessageStream": stream,
        "Metadata": {"batch": batch.key, "row": RowId()},
        "TrackOpens": False,
        "TrackLinks": "None",
        "TextBody": Varied.text(batch.text),
        "HtmlBody": Varied.html(batch.html),
    }
