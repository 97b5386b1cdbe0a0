from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Self

import pytest

from service.outbound.client import OutboundClient
from service.providers.smtp import SmtpProvider
from tests.contract.providers.bench import Arrived
from tests.contract.providers.bench_outbox import read_message, read_reader
from tests.fakes.smtp_server import FakeServer


@dataclass(frozen=True)
class SmtpBench:
    """The adapter against a mail server in this process."""

    kind: ClassVar[str] = "smtp"
    server: FakeServer
    client: OutboundClient

    @classmethod
    def open(cls, request: pytest.FixtureRequest) -> Self:
        server: FakeServer = request.getfixturevalue("mail_server")
        server.forget()
        return cls(server, request.getfixturevalue("client"))

    @property
    def provider(self) -> SmtpProvider:
        return self.make_provider()

    def make_provider(self, **options: Any) -> SmtpProvider:  # noqa: ANN401
        usual = {"host": "127.0.0.1", "port": self.server.port, "security": "none"}
        return SmtpProvider.build(usual | options, "", self.client)

    def list_arrived(self) -> list[Arrived]:
        return [read_message(content) for _, _, content in self.server.mails]

    def list_readers(self) -> list[str]:
        return [read_reader(content) for _, _, content in self.server.mails]
