from __future__ import annotations

import re
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.headerregistry import HeaderRegistry
from email.message import EmailMessage
from email.utils import parseaddr
from functools import lru_cache
from pathlib import Path
from typing import ClassVar, Self

import pytest

from service.providers.base import Provider
from service.providers.outbox import OutboxProvider
from tests.contract.providers.bench import Arrived

# The same few headers stand in every mail: each is parsed once.
READING = policy.default.clone(header_factory=lru_cache(256)(HeaderRegistry()))


@dataclass(frozen=True)
class OutboxBench:
    """The outbox over an empty folder."""

    kind: ClassVar[str] = "outbox"
    folder: Path

    @classmethod
    def open(cls, request: pytest.FixtureRequest) -> Self:
        return cls(request.getfixturevalue("tmp_path") / "outbox")

    @property
    def provider(self) -> Provider:
        return OutboxProvider(self.folder)

    def list_arrived(self) -> list[Arrived]:
        return [read_message(path.read_bytes()) for path in self._list_paths()]

    def list_readers(self) -> list[str]:
        return [read_reader(path.read_bytes()) for path in self._list_paths()]

    def _list_paths(self) -> list[Path]:
        return sorted(self.folder.rglob("*.eml"), key=lambda path: int(path.stem))


def read_reader(raw: bytes) -> str:
    """Return whom a mail is to, without reading the rest of it."""
    found = re.search(rb"(?m)^To: (\S+)\r$", raw)
    assert found is not None
    return found[1].decode("ascii")


def read_message(raw: bytes) -> Arrived:
    """Return a mail as a mail program shows it."""
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
