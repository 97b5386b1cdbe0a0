"""Every provider on a bench of its own: what it is given, and what arrives at the other end."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.headerregistry import HeaderRegistry
from email.message import EmailMessage
from email.utils import parseaddr
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

import pytest

from service.model.message import MESSAGE_ID_MARK, UNSUBSCRIBE_MARK, OutgoingBatch, Recipient
from service.model.publication import Sender
from service.outbound.client import OutboundClient
from service.providers.base import Provider
from service.providers.mailgun import MailgunProvider, MailgunSettings
from service.providers.outbox import OutboxProvider

# The same few headers stand in every mail: each is parsed once.
READING = policy.default.clone(header_factory=lru_cache(256)(HeaderRegistry()))
FAKE_MAILGUN = Path(__file__).parents[2] / "fakes" / "mailgun.py"


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

    @property
    def provider(self) -> Provider: ...

    def list_arrived(self) -> list[Arrived]: ...


@dataclass(frozen=True)
class OutboxBench:
    """The outbox over an empty folder."""

    folder: Path

    @property
    def provider(self) -> Provider:
        return OutboxProvider(self.folder)

    def list_arrived(self) -> list[Arrived]:
        paths = sorted(self.folder.rglob("*.eml"), key=lambda path: int(path.stem))
        return [_read_message(path.read_bytes()) for path in paths]


@dataclass(frozen=True)
class MailgunBench:
    """The adapter against a fake Mailgun in a process of its own."""

    port: int
    client: OutboundClient

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def provider(self) -> Provider:
        return self.make_provider()

    def make_provider(self, **changes: Any) -> MailgunProvider:  # noqa: ANN401
        settings = MailgunSettings("news.example.com", "test-key", base_url=self.url)
        return MailgunProvider(replace(settings, **changes), self.client)

    def play(self, *behaviours: str | dict[str, object]) -> None:
        """Tell the fake what to do with the requests to come."""
        self._call("/script", json.dumps(behaviours).encode())

    def reset(self) -> None:
        """Empty ledger and script."""
        self._call("/reset", b"")

    def list_requests(self) -> list[dict[str, Any]]:
        """Return every request the fake has read."""
        requests: list[dict[str, Any]] = self._call("/ledger")["requests"]
        return requests

    def list_arrived(self) -> list[Arrived]:
        return [_read_mail(mail) for mail in self._call("/ledger")["mails"]]

    def read_body(self, number: int) -> bytes:
        """Return the bytes of one request."""
        return base64.b64decode(self.list_requests()[number]["body"])

    def _call(self, path: str, body: bytes | None = None) -> dict[str, Any]:
        with urllib.request.urlopen(f"{self.url}{path}", body, timeout=20) as answer:  # noqa: S310
            answered: dict[str, Any] = json.load(answer)
            return answered


def _read_message(raw: bytes) -> Arrived:
    message = message_from_bytes(raw, policy=READING)
    assert isinstance(message, EmailMessage)
    name, address = parseaddr(dict(message.raw_items())["From"].replace("\r\n", ""))
    ours = {"from", "to", "subject", "date", "mime-version", "content-type"}
    return Arrived(
        to=str(message["To"]),
        sender_name=str(make_header(decode_header(name))),
        sender_address=address,
        subject=str(message["Subject"]),
        text=_read_part(message, "plain"),
        html=_read_part(message, "html"),
        headers={
            name: str(message[name]) for name, _ in message.raw_items() if name.lower() not in ours
        },
    )


def _read_part(message: EmailMessage, kind: str) -> str:
    part = message.get_body(preferencelist=(kind,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


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


@contextmanager
def run_fake_mailgun() -> Iterator[MailgunBench]:
    """Run the fake until the block ends."""
    with subprocess.Popen(
        [sys.executable, str(FAKE_MAILGUN), "--port", "0"], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            yield MailgunBench(json.loads(process.stdout.readline())["port"], OutboundClient())
        finally:
            process.terminate()


@pytest.fixture(scope="session")
def mailgun_process() -> Iterator[MailgunBench]:
    with run_fake_mailgun() as bench:
        yield bench


@pytest.fixture
def mailgun(mailgun_process: MailgunBench) -> MailgunBench:
    mailgun_process.reset()
    return mailgun_process


@pytest.fixture
def outbox(tmp_path: Path) -> OutboxBench:
    return OutboxBench(tmp_path / "outbox")


@pytest.fixture
def make_batch() -> Callable[..., OutgoingBatch]:
    batch = OutgoingBatch(
        key="edition-7.batch-3",
        sender=Sender("瓦版編集部", "news@example.com", "desk@example.com", "東京都", "電話"),
        subject="今週の瓦版：AIの話題15本",
        html=f'<p>やあ</p><a href="{UNSUBSCRIBE_MARK}">配信停止</a>',
        text=f"やあ\n配信停止: {UNSUBSCRIBE_MARK}\n",
        headers=(
            ("Message-ID", f"<{MESSAGE_ID_MARK}>"),
            ("List-Id", "<weekly.example.com>"),
            ("List-Unsubscribe", f"<{UNSUBSCRIBE_MARK}>"),
            ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
        ),
        recipients=(),
        dated_at=datetime(2025, 10, 19, 23, 0, tzinfo=UTC),
    )

    def change(recipients: int = 2, **changes: Any) -> OutgoingBatch:  # noqa: ANN401
        return replace(batch, recipients=make_recipients(recipients), **changes)

    return change


def make_recipients(count: int) -> tuple[Recipient, ...]:
    return tuple(
        Recipient(
            row_id=row_id,
            address=f"reader{row_id}@example.com",
            values={
                UNSUBSCRIBE_MARK: f"https://news.example.com/unsubscribe/{row_id}?k=1&t=x",
                MESSAGE_ID_MARK: f"edition-7.{row_id}@example.com",
            },
        )
        for row_id in range(1, count + 1)
    )
