"""What has to be said in a mail to readers: the names of the words, filled in by each language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from service.model.newsletter import Cadence


@dataclass(frozen=True, slots=True)
class NoticeWords:
    """The words of one notice; {names} are filled from the values given for it.

    `stories` stands above posts, in a notice that shows some.
    """

    subject: str
    preheader: str
    heading: str
    before: tuple[str, ...]
    button: str
    after: tuple[str, ...]
    why: str = ""
    stories: str = ""


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one language. {names} in them are filled by those who use them."""

    language: str
    subject_one: str
    subject_many: str
    subject_end: str
    subject_announcement: str
    contents_one: str
    contents_many: str
    contents_more: str
    more_one: str
    more_many: str
    rest_one: str
    rest_many: str
    more_heading: str
    other_posts: str
    read_on: str
    view: str
    picture: str
    byline_join: str
    why: str
    why_by_hand: str
    cadences: Mapping[Cadence, str]
    choices: str
    preferences: str
    unsubscribe: str
    sender: str
    postal_address: str
    contact: str
    notices: Mapping[str, NoticeWords]
    write_day: Callable[[date], str]
    write_date: Callable[[date], str]
    write_issue: Callable[[date], str]
