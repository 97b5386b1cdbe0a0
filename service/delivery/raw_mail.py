"""A mail of an edition as a reader would get it, headers and all, with nobody's name in it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from service.audience.tokens import KeyRing, SigningKey
from service.delivery.envelope import Letterhead, compose_envelope, open_envelope
from service.delivery.preview import Preview, VariantPreview
from service.model.delivery import BatchKind
from service.providers.mime import MessageMold
from service.store.rows import Row

_READER = "reader@example.org"

# What it signs opens no door: a preview is shown to more people than may unsubscribe others.
_NO_KEY = KeyRing(SigningKey("preview", b"\0" * 32))


def compose_raw_mail(
    head: Letterhead, preview: Preview, variant: VariantPreview, now: datetime
) -> bytes:
    """The message as SMTP would carry it; raises UnsupportedError where a header would break.

    Its reader is nobody, and its links work for nobody.
    """
    edition = preview.edition
    stranger = replace(head, key_ring=_NO_KEY)
    envelope = compose_envelope(
        [Row(0, 0, 0, _READER)],
        kind=BatchKind.EDITION,
        key=f"preview-{edition.edition_id}-{variant.number}",
        name=edition.newsletter_id,
        head=stranger,
        now=now,
    )
    batch = open_envelope(envelope, edition.edition_id, variant.rendered, _NO_KEY)
    return MessageMold.of(batch).cast(batch.recipients[0])


def compose_raw_headers(
    head: Letterhead, preview: Preview, variant: VariantPreview, now: datetime
) -> str:
    """The headers of that message alone, unfolded lines as they travel."""
    raw = compose_raw_mail(head, preview, variant, now)
    return raw.partition(b"\r\n\r\n")[0].decode("ascii").replace("\r\n", "\n")
