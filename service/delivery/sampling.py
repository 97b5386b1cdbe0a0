"""One mail of an edition as somebody would get it who is no reader: for looking at."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from service.audience.tokens import KeyRing, SigningKey
from service.delivery.envelope import Letterhead, compose_envelope, open_envelope
from service.model.delivery import BatchKind
from service.model.edition import Edition, Rendered
from service.providers.mime import MessageMold
from service.store.rows import Row

_NOBODY = Row(0, 0, 0, "reader@example.com")
"""Row, subscriber and subscription that nobody has, so that no link in it is anybody's."""

# What it signs opens no door: a sample is shown to more people than may unsubscribe others.
_NO_KEY = KeyRing(SigningKey("preview", b"\0" * 32))


@dataclass(frozen=True, slots=True)
class Sample:
    """A mail with its marks filled; `headers` line by line as they go over the wire."""

    headers: str
    html: str
    text: str


def compose_sample(edition: Edition, rendered: Rendered, head: Letterhead, now: datetime) -> Sample:
    """The mail that a reader would get; raises UnsupportedError where a header would break."""
    envelope = compose_envelope(
        [_NOBODY],
        kind=BatchKind.EDITION,
        key=f"preview-{edition.edition_id}",
        name=edition.newsletter_id,
        head=replace(head, key_ring=_NO_KEY),
        now=now,
    )
    batch = open_envelope(envelope, edition.edition_id, rendered, _NO_KEY)
    (recipient,) = batch.recipients
    html, text = rendered.html, rendered.text
    for mark, value in recipient.values.items():
        html, text = html.replace(mark, value), text.replace(mark, value)
    wire = MessageMold.of(batch).cast(recipient)
    headers = wire.partition(b"\r\n\r\n")[0].decode("ascii", "replace")
    return Sample(headers.replace("\r\n", "\n"), html, text)
