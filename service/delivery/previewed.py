"""An edition with every mail of it, as editors look at it before it goes and afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from service.delivery.arranging import Explained
from service.delivery.preflight import Flaw
from service.errors import NotAllowedError
from service.model.edition import Edition, Rendered
from service.model.newsletter import Cadence


@dataclass(frozen=True, slots=True)
class VariantPreview:
    """One mail of an edition, and how many readers get it.

    `number` counts from 1, the many first; `key` names it as long as language and posts stay.
    `cadences` and `topics` count its readers ("" : all topics). `not_shown` is how many posts
    are only counted in it. The marks of model.message stand where a reader's own links will.
    """

    number: int
    key: str
    language: str
    readers: int
    cadences: Mapping[Cadence, int]
    topics: Mapping[str, int]
    rendered: Rendered
    post_ids: tuple[int, ...]
    not_shown: int
    html_bytes: int


@dataclass(frozen=True, slots=True)
class Preview:
    """An edition with every mail of it. `is_frozen`: these are the mails as they were stored.

    `cadences`, `topics` (one reader may count under several) and `skipped` (by the reason why
    they get nothing) count readers. After the freeze they are counted by what these readers choose
    now, and who got nothing is not known. `posts` are for an editor's eyes, `flaws` what should
    be looked at first.
    """

    edition: Edition
    is_frozen: bool
    readers: int
    variants: tuple[VariantPreview, ...]
    cadences: Mapping[Cadence, int]
    topics: Mapping[str, int]
    skipped: Mapping[str, int]
    posts: tuple[Explained, ...]
    flaws: tuple[Flaw, ...]

    def find_variant(self, number: int) -> VariantPreview:
        """The variant of this number; raises NotAllowedError when there is none."""
        for variant in self.variants:
            if variant.number == number:
                return variant
        raise NotAllowedError(
            "edition {edition} has no variant {number}: it has {variants}",
            edition=self.edition.edition_id,
            number=number,
            variants=len(self.variants),
        )
