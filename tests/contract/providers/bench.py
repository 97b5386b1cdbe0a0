"""A bench for a provider: what it is given, and what arrives at the other end."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from email.header import decode_header, make_header
from email.utils import parseaddr
from http.client import HTTPConnection
from typing import Any, ClassVar, Protocol, Self

import pytest

from service.errors import RefusedError
from service.model.delivery import Refusal
from service.model.message import OutgoingBatch
from service.outbound.client import OutboundClient
from service.providers.base import Outcome, Provider

MakeBatch = Callable[..., OutgoingBatch]
LATER = timedelta(seconds=20)


@dataclass(frozen=True)
class Arrived:
    """One mail as its reader gets it."""

    to: str
    sender_name: str
    sender_address: str
    subject: str
    text: str
    html: str
    headers: dict[str, str]


class Bench(Protocol):
    """A provider, and a look at what it brought to readers."""

    kind: ClassVar[str]

    @classmethod
    def open(cls, request: pytest.FixtureRequest) -> Self:
        """Set an empty one up; it may ask `request` for fixtures of conftest.py."""

    @property
    def provider(self) -> Provider: ...

    def list_arrived(self) -> list[Arrived]: ...

    def list_readers(self) -> list[str]:
        """To whom mail arrived, of a full batch sooner than all of each mail."""


@dataclass(frozen=True)
class HttpBench:
    """An adapter against a fake of its provider in another process; subclasses say which."""

    kind: ClassVar[str]
    url: str
    client: OutboundClient
    control: HTTPConnection

    @classmethod
    def open(cls, request: pytest.FixtureRequest) -> Self:
        """Return it with an empty ledger and script."""
        controls: Mapping[str, HTTPConnection] = request.getfixturevalue("fakes")
        control = controls[cls.kind]
        url = f"http://{control.host}:{control.port}"
        bench = cls(url, request.getfixturevalue("client"), control)
        bench._call("/reset", b"")
        return bench

    @property
    def provider(self) -> Provider:
        return self.make_provider()

    def make_provider(self, *, api_key: str = "test-key", **options: Any) -> Provider:  # noqa: ANN401
        """Return the adapter as `build` makes it, with `options` in place of the usual ones."""
        raise NotImplementedError

    def play(self, *behaviours: str | dict[str, object]) -> None:
        """Tell the fake what to do with the requests to come."""
        self._call("/script", json.dumps(behaviours).encode())

    def list_requests(self) -> list[dict[str, Any]]:
        """Return every request the fake has read."""
        requests: list[dict[str, Any]] = self._call("/ledger")["requests"]
        return requests

    def list_arrived(self) -> list[Arrived]:
        return [_read_mail(mail) for mail in self._call("/ledger")["mails"]]

    def list_readers(self) -> list[str]:
        return [mail["to"] for mail in self._call("/ledger")["mails"]]

    def read_body(self, number: int) -> bytes:
        """Return the bytes of one request."""
        return base64.b64decode(self.list_requests()[number]["body"])

    def _call(self, path: str, body: bytes | None = None) -> dict[str, Any]:
        # One connection for all: a new one for each word takes as long as a provider's call.
        self.control.request("GET" if body is None else "POST", path, body)
        answered: dict[str, Any] = json.load(self.control.getresponse())
        return answered


def _read_mail(mail: dict[str, Any]) -> Arrived:
    name, address = parseaddr(mail["from"])
    return Arrived(
        to=mail["to"],
        sender_name=str(make_header(decode_header(name))),
        sender_address=address,
        subject=mail["subject"],
        text=mail["text"],
        html=mail["html"],
        headers=dict(mail["headers"]),
    )


def send(
    provider: Provider,
    batch: OutgoingBatch,
    ready: Callable[[], None] = lambda: None,
    total_for: timedelta = LATER,
) -> Outcome:
    """Prepare and send at once, in as many batches as the provider needs for its recipients."""
    message_ids: dict[int, str] = {}
    refusals: dict[int, Refusal] = {}
    unsure: dict[int, str] = {}
    for piece in cut_batch(batch, provider.capabilities.batch_limit):
        outcome = provider.send(provider.prepare(piece), total_for=total_for, ready=ready)
        message_ids |= outcome.message_ids
        refusals |= outcome.refusals
        unsure |= outcome.unsure
    return Outcome(message_ids, refusals, unsure)


def cut_batch(batch: OutgoingBatch, limit: int) -> list[OutgoingBatch]:
    """Return the batch, or where it is too long pieces of it under keys of their own."""
    everybody = batch.recipients
    if len(everybody) <= limit:
        return [batch]
    return [
        replace(batch, key=f"{batch.key}.{start}", recipients=everybody[start : start + limit])
        for start in range(0, len(everybody), limit)
    ]


def get_refusal(provider: Provider, batch: OutgoingBatch) -> Refusal:
    """Return how the provider refuses the batch; fails when it does not."""
    with pytest.raises(RefusedError) as caught:
        send(provider, batch)
    return caught.value.refusal
