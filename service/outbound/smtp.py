"""One SMTP session with a strict total deadline, whose every end says what became of a mail."""

from __future__ import annotations

import smtplib
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from service.errors import NotSentError, UnsureError
from service.outbound.smtp_wire import BrokenReplyError, Conversation, Deadline, connect

_SPARE = 3
"""So many times as long as the slowest mail so far must be left for another one."""


class Security(StrEnum):
    """How a session is kept from being read by others."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Relay:
    """A server that takes mail; without `username` nobody signs in."""

    host: str
    port: int
    security: Security
    username: str = ""
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail in its envelope; `content` is the whole message and ends with CRLF."""

    sender: str
    recipient: str
    content: bytes


class Stage(StrEnum):
    """Where in a session an answer was given."""

    OPENING = "opening"
    SIGN_IN = "sign-in"
    SENDER = "sender"
    RECIPIENT = "recipient"
    CONTENT = "content"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server said: its code and words, which may hold addresses."""

    stage: Stage
    code: int
    text: str

    @property
    def is_taken(self) -> bool:
        """Whether the server took the mail."""
        return self.stage is Stage.CONTENT and self.code < 300


class TurnedAwayError(NotSentError):
    """The server, or what it cannot do, ended the session before any mail; `answer` says how."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        super().__init__(f"the server turned us away ({answer.stage}): {answer.code}")


class Session:
    """An open session, ready for mail after mail."""

    def __init__(self, conversation: Conversation, deadline: Deadline) -> None:
        self._conversation = conversation
        self._deadline = deadline
        self._slowest = 0.0

    @property
    def size_limit(self) -> int | None:
        """The longest message in bytes that the server takes, where it says so (RFC 1870)."""
        said = self._conversation.esmtp_features.get("size", "")
        return int(said) if said.isdecimal() and int(said) else None

    def hand_over(self, letter: Letter) -> Answer:
        """Return the answer to one mail: taken, or refused with a 4xx or 5xx code.

        Raises NotSentError when the session was lost before the end of the content, or has no
        time for one more mail, and UnsureError when it was lost after the content.
        """
        began_at = time.monotonic()
        # A mail whose answer would come too late would leave its reader unknown.
        if self._deadline.at - began_at < _SPARE * self._slowest:
            raise NotSentError("the time for this session is over")
        answer = self._exchange(letter)
        self._slowest = max(self._slowest, time.monotonic() - began_at)
        return answer

    def _exchange(self, letter: Letter) -> Answer:
        conversation = self._conversation
        with _tell_as(NotSentError, "the session was lost before the mail was handed over"):
            refusal = self._announce(letter)
            if refusal is not None:
                return refusal
            conversation.send(letter.content.replace(b"\r\n.", b"\r\n.."))
        with _tell_as(UnsureError, "the mail was handed over, but no answer came back"):
            conversation.send(b".\r\n")
            return _expect(conversation, Stage.CONTENT, 2)

    def _announce(self, letter: Letter) -> Answer | None:
        """Name sender and recipient and ask to go on; the first refusal, if there is one."""
        conversation = self._conversation
        size = f" SIZE={len(letter.content)}" if conversation.has_extn("size") else ""
        for stage, command, wanted in (
            (Stage.SENDER, f"MAIL FROM:<{letter.sender}>{size}", 2),
            (Stage.RECIPIENT, f"RCPT TO:<{letter.recipient}>", 2),
            (Stage.CONTENT, "DATA", 3),
        ):
            conversation.putcmd(command)
            answer = _expect(conversation, stage, wanted)
            if answer.code // 100 != wanted:
                self._start_over()
                return answer
        return None

    def _start_over(self) -> None:
        # When this fails the next mail will fail; the answer that came before stays true.
        with suppress(OSError):
            self._conversation.rset()


@contextmanager
def open_session(
    relay: Relay, *, total_for: timedelta, trust: ssl.SSLContext | None = None
) -> Iterator[Session]:
    """Connect, secure and sign in; everything in the block ends within `total_for` of now.

    Raises TurnedAwayError when the server does not let us send, NotSentError when it cannot be
    reached.
    """
    deadline = Deadline(time.monotonic() + total_for.total_seconds())
    with _tell_as(NotSentError, "nothing was sent: the server cannot be reached"):
        conversation = Conversation(relay.host, connect(relay.host, relay.port, deadline), deadline)
    try:
        with _tell_as(NotSentError, "nothing was sent: the session could not be opened"):
            _open(conversation, relay, trust)
        yield Session(conversation, deadline)
    finally:
        conversation.part()


@contextmanager
def _tell_as(error: type[NotSentError | UnsureError], what: str) -> Iterator[None]:
    """Say what a failure means, in words that hold no address and no secret."""
    try:
        yield
    # smtplib's own errors are OSErrors; ValueError is what it makes of a garbled challenge.
    except (OSError, ValueError) as failure:
        raise error(f"{what}: {type(failure).__name__.lstrip('_')}") from None


def _open(conversation: Conversation, relay: Relay, trust: ssl.SSLContext | None) -> None:
    if relay.security is Security.TLS:
        conversation.wrap(trust or ssl.create_default_context())
    _require(_expect(conversation, Stage.OPENING, 2))
    _greet(conversation)
    if relay.security is Security.STARTTLS:
        if not conversation.has_extn("starttls"):
            raise TurnedAwayError(Answer(Stage.OPENING, 502, "the server offers no STARTTLS"))
        conversation.putcmd("STARTTLS")
        _require(_expect(conversation, Stage.OPENING, 2))
        conversation.wrap(trust or ssl.create_default_context())
        _greet(conversation)
    if relay.username:
        _sign_in(conversation, relay)


def _greet(conversation: Conversation) -> None:
    code, text = conversation.ehlo()
    _require(Answer(Stage.OPENING, code, text.decode("utf-8", "replace")))


def _sign_in(conversation: Conversation, relay: Relay) -> None:
    try:
        conversation.login(relay.username, relay.password)
    except smtplib.SMTPAuthenticationError as error:
        said = error.smtp_error
        text = said if isinstance(said, str) else said.decode("utf-8", "replace")
        raise TurnedAwayError(Answer(Stage.SIGN_IN, error.smtp_code, text)) from None
    except smtplib.SMTPException:
        said = "the server offers no way to sign in that we know"
        raise TurnedAwayError(Answer(Stage.SIGN_IN, 502, said)) from None


def _expect(conversation: Conversation, stage: Stage, wanted: int) -> Answer:
    """Return the next reply: one of the wanted hundred, or a refusal."""
    code, text = conversation.getreply()
    if code // 100 not in (wanted, 4, 5):
        raise BrokenReplyError
    return Answer(stage, code, text.decode("utf-8", "replace"))


def _require(answer: Answer) -> None:
    if answer.code // 100 != 2:
        raise TurnedAwayError(answer)
