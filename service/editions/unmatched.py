"""Names in a newsletter's configuration that no post bears: a filter that will stay silent."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from service.model.newsletter import Newsletter


@dataclass(frozen=True, slots=True)
class Unmatched:
    """A name under `key` (categories, tags or topics) of a newsletter that matches no post."""

    newsletter_id: str
    key: str
    name: str


def find_unmatched(
    newsletters: Iterable[Newsletter], categories: Collection[str], tags: Collection[str]
) -> list[Unmatched]:
    """Names that none of the posts' `categories` and `tags` equals, in the order of the file.

    Case and Unicode form make no difference; a topic may be either.
    """
    of_category, of_tag = _fold(categories), _fold(tags)
    return [
        Unmatched(newsletter.newsletter_id, key, name)
        for newsletter in newsletters
        for key, names, known in (
            ("categories", newsletter.categories, of_category),
            ("tags", newsletter.tags, of_tag),
            ("topics", newsletter.topics, of_category | of_tag),
        )
        for name in names
        if _fold_name(name) not in known
    ]


def _fold(names: Iterable[str]) -> set[str]:
    return {_fold_name(name) for name in names}


def _fold_name(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()
