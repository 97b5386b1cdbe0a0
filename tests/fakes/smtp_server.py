"""A mail server inside the test's process (aiosmtpd) that answers as told and keeps what it takes.

`answers` maps a step, or a step and an address ("RCPT", "CONTENT reader2@example.com"), to what is
said there: a reply, or "drop" (the connection ends as from a machine that lost its power),
"silence", or "slow" (the usual, after 80 ms). At CONTENT the mail is kept first, unless the reply
is a 4xx or 5xx. Steps: EHLO, MAIL, RCPT, DATA (before the content), CONTENT (after the final dot).
"""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session, syntax

SILENCE = "silence"
DROP = "drop"
SLOW = "slow"
PASSWORD = "test-key"


@dataclass
class FakeServer:
    """What it was told, and what it took."""

    port: int = 0
    answers: dict[str, str] = field(default_factory=dict)
    mails: list[tuple[str, str, bytes]] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)

    def forget(self) -> None:
        self.answers.clear()
        self.mails.clear()
        self.commands.clear()

    async def say(self, server: SMTP, step: str, address: str = "") -> str | None:
        """Return what is to be said here; None for the usual."""
        answer = self.answers.get(f"{step} {address}", self.answers.get(step))
        if answer == DROP:
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
            # The client must see a broken connection, so nothing more is said.
            await asyncio.Event().wait()
        if answer == SILENCE:
            await asyncio.Event().wait()
        if answer == SLOW:
            await asyncio.sleep(0.08)
            return None
        return answer

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.commands.append(" ".join(["MAIL", *options]))
        answer = await self.say(server, "MAIL", address)
        if answer is None:
            envelope.mail_from = address
        return answer or "250 2.1.0 Ok"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = await self.say(server, "RCPT", address)
        if answer is None:
            envelope.rcpt_tos.append(address)
        return answer or "250 2.1.5 Ok"

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        [address] = envelope.rcpt_tos
        answer = self.answers.get(f"CONTENT {address}", self.answers.get("CONTENT", "250"))
        if answer[0] not in "45":
            content = envelope.original_content
            assert content is not None
            self.mails.append((str(envelope.mail_from), address, content))
        said = await self.say(server, "CONTENT", address)
        return said or f"250 2.0.0 Ok: queued as {len(self.mails)}"

    def authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object
    ) -> AuthResult:
        is_known = isinstance(data, LoginPassword) and data.password == PASSWORD.encode()
        return AuthResult(success=is_known, handled=False)


class _Smtp(SMTP):
    """aiosmtpd with a say before the content as well."""

    event_handler: FakeServer

    @syntax("DATA")
    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        answer = await self.event_handler.say(self, "DATA")
        if answer is None:
            await super().smtp_DATA(arg)
        else:
            await self.push(answer)

    @syntax("EHLO hostname")
    async def smtp_EHLO(self, hostname: str) -> None:  # noqa: N802
        self.event_handler.commands.append(f"EHLO {hostname}")
        answer = await self.event_handler.say(self, "EHLO")
        if answer is None:
            await super().smtp_EHLO(hostname)
        else:
            await self.push(answer)


@contextmanager
def run_mail_server(
    *, certificate: ssl.SSLContext | None = None, starts_tls: bool = False, size_limit: int = 10**7
) -> Iterator[FakeServer]:
    """Serve on a port of 127.0.0.1 until the block ends.

    With a certificate it speaks TLS at once or, when `starts_tls`, after STARTTLS; then, and only
    then, it knows a password.
    """
    loop = asyncio.new_event_loop()
    fake = FakeServer()

    def make() -> SMTP:
        return _Smtp(
            fake,
            hostname="mail.example.net",
            loop=loop,
            data_size_limit=size_limit,
            tls_context=certificate if starts_tls else None,
            require_starttls=starts_tls,
            auth_required=starts_tls,
            # aiosmtpd does not see that the whole connection is under TLS already.
            auth_require_tls=starts_tls or certificate is None,
            authenticator=fake.authenticate,
        )

    at_once = None if starts_tls else certificate
    server = loop.run_until_complete(loop.create_server(make, "127.0.0.1", 0, ssl=at_once))
    fake.port = server.sockets[0].getsockname()[1]
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield fake
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        server.close()
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()
