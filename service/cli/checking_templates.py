"""The part of `check` that tries the mail templates which newsletters bring."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from service.cli.complaints import MAIL_TEMPLATE, Complaint, Grade, Heap
from service.config import Config
from service.editions.proof import find_faults
from service.editions.render import MailRenderer
from service.model.post import Post
from service.publishing import CategoryLinks
from service.words.places import find_templates


def check_templates(config: Config, posts: Sequence[Post], now: datetime) -> Heap:
    """What is wrong with them, tried on the latest of these posts; it names file and line."""
    return Heap(Grade.ERROR, MAIL_TEMPLATE, tuple(_list_complaints(config, posts, now)))


def _list_complaints(config: Config, posts: Sequence[Post], now: datetime) -> Iterator[Complaint]:
    renderer = MailRenderer(find_templates() / "email")
    for number, newsletter in enumerate(config.newsletters):
        faults = find_faults(
            newsletter,
            config.publication,
            config.sender,
            renderer,
            posts,
            category_url=CategoryLinks(config.service.url),
            now=now,
        )
        for fault in faults:
            yield Complaint("", None, f"newsletters[{number}].templates: {fault}")
