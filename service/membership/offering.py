"""What a newsletter offers to choose among: topics, and how much each brought lately."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from service.editions.news import fold_name, takes_labels
from service.model.newsletter import Newsletter
from service.store.labels import Labels

COUNTED_FOR = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Topic:
    """Something to choose: a category, or a tag that the newsletter offers.

    `count` is how many posts it brought in the last month.
    """

    name: str
    is_tag: bool
    count: int


def list_topics(
    newsletter: Newsletter, labels: Iterable[Labels], chosen: Sequence[str], now: datetime
) -> list[Topic]:
    """The topics of a newsletter, categories first, those that bring the most before the others.

    What a reader has `chosen` stays among them, also when nothing bears that name any more.
    """
    taken = [one for one in labels if takes_labels(newsletter, one.categories, one.tags)]
    categories = _list_categories(taken)
    tags = [*newsletter.topics, *chosen]
    known = {fold_name(name) for name in categories}
    counts = _count(taken, now - COUNTED_FOR)
    topics = [
        *(Topic(name, is_tag=False, count=counts[fold_name(name)]) for name in categories),
        *(
            Topic(name, is_tag=True, count=counts[fold_name(name)])
            for name in _drop_alike(tags)
            if fold_name(name) not in known
        ),
    ]
    return sorted(topics, key=lambda one: (one.is_tag, -one.count, one.name))


def _list_categories(labels: Iterable[Labels]) -> list[str]:
    """Each category once, in its commonest spelling."""
    spellings = Counter(name for one in labels for name in one.categories)
    return _drop_alike(name for name, _ in spellings.most_common())


def _drop_alike(names: Iterable[str]) -> list[str]:
    found: dict[str, str] = {}
    for name in names:
        found.setdefault(fold_name(name), name)
    return list(found.values())


def _count(labels: Iterable[Labels], since_at: datetime) -> Counter[str]:
    return Counter(
        name
        for one in labels
        if one.published_at > since_at
        for name in {fold_name(label) for label in (*one.categories, *one.tags)}
    )
