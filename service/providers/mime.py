"""A batch and one of its recipients → the message's bytes (RFC 5322, 2045 and 2047)."""

from __future__ import annotations

import base64
import hashlib
import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email.utils import format_datetime

from service.errors import UnsupportedError
from service.model.message import OutgoingBatch, Recipient
from service.model.publication import Sender
from service.providers.recipients import (
    BODY_MARKS,
    HEADER_MARKS,
    Slot,
    Template,
    check_address,
    check_header,
    cut_at_marks,
    read_value,
)

_CRLF = "\r\n"
_FOLD = "\r\n "
_LINE_LIMIT = 998
_WORD_LIMIT = 75
_WORD_FRAME = len("=?utf-8?B??=")
_OURS = frozenset(
    {"from", "to", "cc", "bcc", "subject", "date", "reply-to", "sender", "mime-version"}
)


@dataclass(frozen=True, slots=True)
class MessageMold:
    """What the messages of one batch share, encoded once."""

    opening: bytes
    headers: tuple[tuple[str, Template], ...]
    closing: bytes
    text: _Base64Mold
    between: bytes
    html: _Base64Mold
    end: bytes

    @classmethod
    def of(cls, batch: OutgoingBatch) -> MessageMold:
        """Encode the shared parts; raises UnsupportedError where a header would break."""
        boundary = "=_" + hashlib.sha256(batch.key.encode("utf-8")).hexdigest()[:40]
        return cls(
            opening=_compose_opening(batch).encode("ascii"),
            headers=cut_headers(batch),
            closing=(
                f"MIME-Version: 1.0{_CRLF}"
                f'Content-Type: multipart/alternative;{_FOLD}boundary="{boundary}"{_CRLF * 2}'
                + _open_part(boundary, "text/plain")
            ).encode("ascii"),
            text=_Base64Mold.of(batch.text),
            between=_open_part(boundary, "text/html").encode("ascii"),
            html=_Base64Mold.of(batch.html),
            end=f"--{boundary}--{_CRLF}".encode("ascii"),
        )

    def cast(self, recipient: Recipient) -> bytes:
        """Return the message to `recipient`; raises UnsupportedError for a value that is amiss."""
        check_address(recipient.address, f"the address of row {recipient.row_id}")
        return b"".join(
            (
                f"To: {recipient.address}{_CRLF}".encode("ascii"),
                self.opening,
                *self._fill_headers(recipient),
                self.closing,
                *self.text.fill(recipient, escaped=False),
                self.between,
                *self.html.fill(recipient, escaped=True),
                self.end,
            )
        )

    def _fill_headers(self, recipient: Recipient) -> Iterator[bytes]:
        for name, template in self.headers:
            value = "".join(
                read_value(recipient, piece) if isinstance(piece, Slot) else piece
                for piece in template
            )
            line = f"{name}: {value}{_CRLF}"
            if len(line) > _LINE_LIMIT:
                raise UnsupportedError("the {name} header is longer than mail permits", name=name)
            yield line.encode("ascii")


def cut_headers(batch: OutgoingBatch) -> tuple[tuple[str, Template], ...]:
    """Return the batch's further headers, their values cut at the marks.

    Raises UnsupportedError for one that is not plain ASCII on one line, or is not the batch's
    to set.
    """
    return tuple(_cut_header(name, value) for name, value in batch.headers)


def _cut_header(name: str, value: str) -> tuple[str, Template]:
    if not re.fullmatch(r"[A-Za-z0-9-]{1,70}", name):
        raise UnsupportedError("a header's name holds something else than letters and hyphens")
    if name.lower() in _OURS or name.lower().startswith("content-"):
        raise UnsupportedError("the {name} header follows from the batch itself", name=name)
    check_header(name, value)
    if not value.isascii():
        raise UnsupportedError("the {name} header holds something else than ASCII", name=name)
    return name, cut_at_marks(value, HEADER_MARKS)


def _compose_opening(batch: OutgoingBatch) -> str:
    lines = [
        "From: " + format_sender(batch.sender, fold=_FOLD),
        "Subject: " + _encode_unstructured(batch.subject, "Subject"),
        "Date: " + format_datetime(batch.dated_at),
    ]
    if batch.sender.reply_to:
        check_address(batch.sender.reply_to, "the reply address")
        lines.append("Reply-To: " + batch.sender.reply_to)
    return "".join(line + _CRLF for line in lines)


def format_sender(sender: Sender, *, fold: str = " ") -> str:
    """Return the From value in ASCII, its encoded words joined by `fold`."""
    check_header("From", sender.name)
    check_address(sender.email, "the sender's address")
    if not sender.name:
        return sender.email
    if _is_plain(sender.name):
        quoted = sender.name.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{quoted}" <{sender.email}>'
    words = _encode_words(sender.name, first_room=_WORD_LIMIT - len("From: "))
    return fold.join((*words, f"<{sender.email}>"))


def _encode_unstructured(value: str, name: str) -> str:
    check_header(name, value)
    if _is_plain(value):
        return value
    return _FOLD.join(_encode_words(value, first_room=_WORD_LIMIT - len(name) - 2))


def _is_plain(value: str) -> bool:
    fits = len(value) <= _WORD_LIMIT - _WORD_FRAME
    return fits and value.isascii() and value == value.strip() and "=?" not in value


def _encode_words(value: str, *, first_room: int) -> Iterator[str]:
    """Yield encoded words that each hold whole characters and fit their line."""
    chunk, room = b"", _octets_in(first_room)
    for character in value:
        octets = _encode_utf8(character)
        if len(chunk) + len(octets) > room:
            yield _frame_word(chunk)
            chunk, room = b"", _octets_in(_WORD_LIMIT)
        chunk += octets
    yield _frame_word(chunk)


def _octets_in(room: int) -> int:
    return (room - _WORD_FRAME) // 4 * 3


def _frame_word(octets: bytes) -> str:
    return f"=?utf-8?B?{base64.b64encode(octets).decode('ascii')}?="


def _encode_utf8(content: str) -> bytes:
    try:
        return content.encode("utf-8")
    except UnicodeEncodeError as error:
        raise UnsupportedError("the message holds half of a character") from error


def _open_part(boundary: str, media_type: str) -> str:
    return _CRLF.join(
        (
            f"--{boundary}",
            f'Content-Type: {media_type}; charset="utf-8"',
            "Content-Transfer-Encoding: base64",
            "",
            "",
        )
    )


@dataclass(frozen=True, slots=True)
class _Shared:
    """A stretch of shared content, encoded for each of the three ways it may be met.

    Base64 turns three octets into four characters, so where a reader's value ends decides how
    many octets of the next stretch belong to the same group.
    """

    content: bytes
    lines: tuple[bytes, bytes, bytes]

    @classmethod
    def of(cls, content: bytes) -> _Shared:
        return cls(content, (_fold(content, 0), _fold(content, 1), _fold(content, 2)))

    def tail(self, taken: int) -> bytes:
        """What is left over when `taken` octets went to the group before."""
        return self.content[len(self.content) - (len(self.content) - taken) % 3 :]


def _fold(content: bytes, taken: int) -> bytes:
    whole = max(len(content) - taken, 0) // 3 * 3
    return _encode_lines(content[taken : taken + whole])


def _encode_lines(octets: bytes) -> bytes:
    return base64.encodebytes(octets).replace(b"\n", b"\r\n")


@dataclass(frozen=True, slots=True)
class _Base64Mold:
    """A part's content as base64 with places left for each reader's own values."""

    pieces: tuple[_Shared | Slot, ...]

    @classmethod
    def of(cls, content: str) -> _Base64Mold:
        canonical = _CRLF.join(re.split(r"\r\n|\r|\n", content))
        template = cut_at_marks(canonical, BODY_MARKS)
        return cls(
            tuple(
                piece if isinstance(piece, Slot) else _Shared.of(_encode_utf8(piece))
                for piece in template
            )
        )

    def fill(self, recipient: Recipient, *, escaped: bool) -> Iterable[bytes]:
        """Yield base64 lines that decode to the content with the values in their places."""
        pending = b""
        for piece in self.pieces:
            if isinstance(piece, Slot):
                value = read_value(recipient, piece)
                pending += (html.escape(value) if escaped else value).encode("ascii")
                continue
            taken = -len(pending) % 3
            if len(piece.content) < taken:
                pending += piece.content
                continue
            yield _encode_lines(pending + piece.content[:taken])
            yield piece.lines[taken]
            pending = piece.tail(taken)
        yield _encode_lines(pending)
