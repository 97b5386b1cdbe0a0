"""Any mail server: one session a batch, one transaction a reader, each with its own answer.

Sources: RFC 5321; RFC 1870 (SIZE); RFC 2442 (a transaction as bytes). SMTP knows no keys and keeps
no log that can be asked: a session lost after the final dot leaves that one reader unknown.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from service.errors import ConfigError, NotSentError, RefusedError, UnsupportedError, UnsureError
from service.model.delivery import Refusal, Scope
from service.model.message import OutgoingBatch
from service.outbound.client import OutboundClient
from service.outbound.smtp import (
    Letter,
    Relay,
    Security,
    Session,
    TurnedAwayError,
    open_session,
)
from service.providers.answers import describe
from service.providers.base import Capabilities, Outcome, Prepared
from service.providers.calls import NOT_NOW
from service.providers.conclude import conclude
from service.providers.mime import MessageMold
from service.providers.recipients import check_address, check_recipients
from service.providers.smtp_answers import judge

# Nobody documents how many mails a session may carry; 100 is what common servers allow by default.
_CAPABILITIES = Capabilities(
    batch_limit=100, byte_limit=50_000_000, merges=False, same_key_for=None
)
_PORTS = {Security.STARTTLS: 587, Security.TLS: 465, Security.NONE: 25}
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_CRLF = b"\r\n"


@dataclass(frozen=True, slots=True)
class SmtpSettings:
    """One server; port 0 is the usual one. `password` counts with a `username`. ConfigError."""

    host: str
    port: int = 0
    security: str = "starttls"
    username: str = ""
    password: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        mistakes = []
        if self.security == Security.NONE and self.host not in _LOOPBACK:
            mistakes.append(
                'provider.security: "none" is for a server on this machine; others could read along'
            )
        if not (self.username + self.password).isascii():
            mistakes.append("provider.username: sign-in knows ASCII only, here and in the password")
        if mistakes:
            raise ConfigError(mistakes)

    @property
    def relay(self) -> Relay:
        """The server as a session wants it."""
        security = Security(self.security)
        port = self.port or _PORTS[security]
        return Relay(self.host, port, security, self.username, self.password)


class SmtpProvider:
    """Sends batches through one mail server; `trust` replaces the system's certificates."""

    def __init__(self, settings: SmtpSettings, trust: ssl.SSLContext | None = None) -> None:
        self._settings = settings
        # Reading the system's certificates takes longer than many a batch.
        is_plain = settings.security == Security.NONE
        self._trust = trust or (None if is_plain else ssl.create_default_context())

    @classmethod
    def build(
        cls,
        options: Mapping[str, Any],
        api_key: str,
        client: OutboundClient,  # noqa: ARG003
    ) -> SmtpProvider:
        """Return the adapter for what [provider] says; its sessions need no HTTP client."""
        return cls(SmtpSettings(password=api_key, **options))

    @property
    def account(self) -> str:
        """The name that batches carry."""
        return f"smtp:{self._settings.host}"

    @property
    def capabilities(self) -> Capabilities:
        """A session a batch; no keys, no log, no events."""
        return _CAPABILITIES

    def prepare(self, batch: OutgoingBatch) -> Prepared:
        """Return each reader's transaction: two lines of envelope, then the message."""
        check_recipients(batch, _CAPABILITIES.batch_limit)
        check_address(batch.sender.email, "the sender's address")
        if batch.test_mode:
            raise UnsupportedError("a mail server has no test mode: what it takes, it delivers")
        mold = MessageMold.of(batch)
        bodies = tuple(
            f"MAIL FROM:<{batch.sender.email}>\r\nRCPT TO:<{recipient.address}>\r\n".encode("ascii")
            + mold.cast(recipient)
            for recipient in batch.recipients
        )
        row_ids = tuple(recipient.row_id for recipient in batch.recipients)
        return Prepared(batch.key, "application/batch-SMTP", bodies, row_ids)

    def send(
        self, prepared: Prepared, *, total_for: timedelta, ready: Callable[[], None]
    ) -> Outcome:
        """Open one session and hand over mail after mail, as far as it carries.

        Raises UnsupportedError, before any mail, when the server says that they are too long.
        """
        letters = {
            row_id: _open_envelope(body)
            for row_id, body in zip(prepared.row_ids, prepared.bodies, strict=True)
        }
        try:
            with open_session(
                self._settings.relay, total_for=total_for, trust=self._trust
            ) as session:
                _check_size(session, letters.values())
                ready()
                return _hand_over(session, letters)
        except TurnedAwayError as error:
            raise RefusedError(judge(error.answer)) from error
        except NotSentError as error:
            raise RefusedError(_put_back(error)) from error


def _open_envelope(body: bytes) -> Letter:
    sender, recipient, content = body.split(_CRLF, 2)
    return Letter(_read_path(sender), _read_path(recipient), content)


def _read_path(line: bytes) -> str:
    return line[line.index(b"<") + 1 : -1].decode("ascii")


def _check_size(session: Session, letters: Iterable[Letter]) -> None:
    longest = max(len(letter.content) for letter in letters)
    if session.size_limit is not None and longest > session.size_limit:
        raise UnsupportedError(
            "a mail is {size} bytes long, the mail server takes {most}",
            size=longest,
            most=session.size_limit,
        )


def _hand_over(session: Session, letters: Mapping[int, Letter]) -> Outcome:
    """Raises RefusedError when nobody's mail was taken and nobody's fault it is."""
    accepted: dict[int, str] = {}
    refusals: dict[int, Refusal] = {}
    unsure: dict[int, str] = {}
    stopped: Refusal | None = None
    for row_id, letter in letters.items():
        if stopped is not None:
            refusals[row_id] = stopped
            continue
        try:
            answer = session.hand_over(letter)
        except NotSentError as error:
            stopped = refusals[row_id] = _put_back(error)
            continue
        except UnsureError as error:
            unsure[row_id], stopped = str(error), _put_back(error)
            continue
        if answer.is_taken:
            accepted[row_id] = describe(answer.text) or str(answer.code)
            continue
        refusal = refusals[row_id] = judge(answer)
        stopped = refusal if refusal.scope is Scope.ACCOUNT else None
    return conclude(accepted, refusals, unsure)


def _put_back(error: Exception) -> Refusal:
    return Refusal(Scope.ACCOUNT, "unreachable", str(error), retry_after=NOT_NOW)
