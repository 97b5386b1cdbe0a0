"""What changed in a post since it was mailed, as its page shows it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from service.delivery.since_mailed import SinceMailed
from service.editions.changes import ChangeKind, Piece, TextChanges
from service.model.publication import Publication
from service.words.voice import Voice

_BESIDE = 120
_KEPT = ChangeKind.KEPT


@dataclass(frozen=True, slots=True)
class ChangedView:
    """What `says` when it was mailed, the edition, and the parts that are otherwise now."""

    says: str
    edition_id: int
    parts: tuple[tuple[str, tuple[Piece, ...]], ...]


def show_changed(
    voice: Voice, publication: Publication, since: SinceMailed | None
) -> ChangedView | None:
    """What changed, None when the post was never mailed or stands as it was."""
    if since is None or not since.is_changed:
        return None
    when = voice.write_moment(publication.localise(since.mailed_at))
    says = voice.say("Mailed on {when}, in edition {number}.", when=when, number=since.edition_id)
    return ChangedView(says, since.edition_id, tuple(_list_parts(voice, since)))


def shorten(changes: TextChanges) -> tuple[Piece, ...]:
    """The pieces, of long ones that were kept only what is beside a change."""
    pieces, last = changes.pieces, len(changes.pieces) - 1
    return tuple(
        (kind, _cut(text, is_first=at == 0, is_last=at == last) if kind is _KEPT else text)
        for at, (kind, text) in enumerate(pieces)
    )


def _cut(text: str, *, is_first: bool, is_last: bool) -> str:
    head = "" if is_first else text[:_BESIDE]
    tail = "" if is_last else text[-_BESIDE:]
    return text if len(text) <= 2 * _BESIDE else f"{head} … {tail}"


def _list_parts(voice: Voice, since: SinceMailed) -> Iterator[tuple[str, tuple[Piece, ...]]]:
    for label, changes in (
        (voice.say("Title"), since.title),
        (voice.say("Summary"), since.summary),
        (voice.say("Text"), since.text),
    ):
        if changes.is_changed:
            yield label, shorten(changes)
