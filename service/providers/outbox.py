"""The provider that needs none: every mail becomes a file that can be read."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.parser import BytesHeaderParser
from email.policy import default as default_policy
from email.utils import parsedate_to_datetime
from itertools import islice
from pathlib import Path
from urllib.parse import quote

from service.errors import RefusedError, UnsupportedError, UnsureError
from service.model.delivery import Refusal, Scope
from service.model.message import OutgoingBatch
from service.model.wording import word
from service.providers.base import Capabilities, Outcome, Prepared
from service.providers.mime import MessageMold
from service.providers.recipients import check_recipients

_HEADER_BYTES = 16 * 1024
_SUFFIXES = (".eml", ".part")
_NAME = re.compile(r"[A-Za-z0-9_~%-][A-Za-z0-9_.~%-]*/[0-9]{1,20}\.eml")


@dataclass(frozen=True, slots=True)
class OutboxMail:
    """One mail in the outbox; `name` is its path below the folder, `sent_at` its Date."""

    name: str
    subject: str
    to: str
    sent_at: datetime
    size: int


class OutboxProvider:
    """Writes each message to `folder`/<batch key>/<row id>.eml, the same again on a replay."""

    def __init__(self, folder: Path, account: str = "outbox") -> None:
        self._folder = folder
        self._account = account

    @property
    def account(self) -> str:
        """The name that batches carry."""
        return self._account

    @property
    def capabilities(self) -> Capabilities:
        """A replay overwrites its own files, so a batch may be handed over again at any time."""
        return Capabilities(
            batch_limit=500,
            byte_limit=256 * 1024 * 1024,
            merges=True,
            same_key_for=timedelta(days=36_500),
        )

    def prepare(self, batch: OutgoingBatch) -> Prepared:
        """Return one message a recipient; raises UnsupportedError where one cannot be composed."""
        check_recipients(batch, self.capabilities.batch_limit)
        _name_folder(batch.key)
        mold = MessageMold.of(batch)
        return Prepared(
            key=batch.key,
            content_type="message/rfc822",
            bodies=tuple(mold.cast(recipient) for recipient in batch.recipients),
            row_ids=tuple(recipient.row_id for recipient in batch.recipients),
        )

    def send(
        self, prepared: Prepared, *, total_for: timedelta, ready: Callable[[], None]
    ) -> Outcome:
        """Write the files; each is whole or absent, and its name is the message's id."""
        deadline = time.monotonic() + total_for.total_seconds()
        batch_folder = self._open_batch_folder(prepared.key)
        ready()
        names: dict[int, str] = {}
        for row_id, body in zip(prepared.row_ids, prepared.bodies, strict=True):
            if time.monotonic() > deadline:
                raise UnsureError("the outbox is too slow: only a part of the batch was written")
            names[row_id] = _write_whole(batch_folder / f"{row_id}.eml", body)
        return Outcome(message_ids=names)

    def forget(self, address: str) -> int:
        """Remove every mail to this address, and what a stopped send left of one."""
        sought = address.lower().encode()
        theirs = [path for path in self._walk_mail() if sought in _read_head(path).lower()]
        for path in theirs:
            path.unlink(missing_ok=True)
        return len(theirs)

    def _walk_mail(self) -> Iterator[Path]:
        if self._folder.is_dir():
            yield from (path for path in self._folder.glob("*/*") if path.suffix in _SUFFIXES)

    def _open_batch_folder(self, key: str) -> Path:
        batch_folder = self._folder / _name_folder(key)
        try:
            batch_folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise RefusedError(
                Refusal(
                    scope=Scope.ACCOUNT,
                    code="outbox_unwritable",
                    detail=word(
                        "the outbox folder cannot be written: {problem}",
                        problem=str(error.strerror),
                    ),
                    retry_after=timedelta(minutes=1),
                )
            ) from error
        return batch_folder


def list_messages(folder: Path, *, limit: int = 100) -> tuple[OutboxMail, ...]:
    """Return at most `limit` mails of the outbox, those of the newest batch first."""
    return tuple(_read_summary(path) for path in islice(_walk_newest(folder), limit))


def read_message(folder: Path, name: str) -> bytes | None:
    """Return the bytes of the mail called `name` (as listed), or None where there is none."""
    path = folder / name
    return path.read_bytes() if _NAME.fullmatch(name) and path.is_file() else None


def _name_folder(key: str) -> str:
    name = quote(key, safe="")
    if not name or name.startswith("."):
        raise UnsupportedError("a batch whose key is empty or begins with a dot has no folder")
    return name


def _write_whole(path: Path, body: bytes) -> str:
    unfinished = path.with_suffix(".part")
    try:
        unfinished.write_bytes(body)
        unfinished.replace(path)
    except OSError as error:
        raise UnsureError(
            "the outbox failed while writing: {problem}", problem=error.strerror
        ) from error
    return f"{path.parent.name}/{path.name}"


def _read_head(path: Path) -> bytes:
    """The headers of a mail; the addresses in its text are the publication's own."""
    try:
        with path.open("rb") as file:
            return file.read(_HEADER_BYTES).partition(b"\r\n\r\n")[0]
    except FileNotFoundError:
        # The other process that forgets somebody was quicker.
        return b""


def _walk_newest(folder: Path) -> Iterator[Path]:
    if not folder.is_dir():
        return
    with os.scandir(folder) as entries:
        batches = [(entry.stat().st_mtime_ns, entry.path) for entry in entries if entry.is_dir()]
    for _, path in sorted(batches, reverse=True):
        yield from sorted(Path(path).glob("*.eml"), key=lambda mail: (len(mail.name), mail.name))


def _read_summary(path: Path) -> OutboxMail:
    with path.open("rb") as file:
        headers = BytesHeaderParser(policy=default_policy).parsebytes(file.read(_HEADER_BYTES))
    return OutboxMail(
        name=f"{path.parent.name}/{path.name}",
        subject=str(headers["Subject"]),
        to=str(headers["To"]),
        sent_at=parsedate_to_datetime(str(headers["Date"])).astimezone(UTC),
        size=path.stat().st_size,
    )
