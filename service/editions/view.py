"""What a mail shows: plain values only, ready for the templates."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EntryView:
    """A post inside a mail. `language` is empty when it is the mail's own.

    The picture's height is in pixels at the width of the mail, 0 when it is not known. A post
    mailed in full has `full_html` (safe HTML), `full_text` (wrapped lines), and `full_note` where
    the end of it did not fit.
    """

    title: str
    url: str
    summary: str
    date: str
    byline: str
    category: str
    language: str
    image_url: str
    image_alt: str
    image_height: int = 0
    full_html: str = ""
    full_text: str = ""
    full_note: str = ""


@dataclass(frozen=True, slots=True)
class MoreView:
    """A link to the posts of one group that did not fit."""

    name: str
    label: str
    url: str


@dataclass(frozen=True, slots=True)
class SectionView:
    """One group of a digest; `name` is empty where there is only one."""

    name: str
    entries: tuple[EntryView, ...]
    more: MoreView | None


@dataclass(frozen=True, slots=True)
class CorrectionView:
    """What was wrong in an earlier issue; `about` says in which. `html` is safe HTML."""

    about: str
    html: str
    text: str


@dataclass(frozen=True, slots=True)
class FooterView:
    """Who sends this, why, how to choose and how to leave.

    An address is empty where there is nothing to lead to.
    """

    language: str
    direction: str
    why: str
    choices: str
    preferences: str
    preferences_url: str
    unsubscribe: str
    unsubscribe_url: str
    sender_label: str
    sender: str
    address_label: str
    address: str
    contact_label: str
    contact: str
    contact_url: str


@dataclass(frozen=True, slots=True)
class Digest:
    """An edition as one group of readers sees it.

    `layout` is "digest" or "single" (one post and no introduction of its own).
    `view_url` is where the edition is on the web, "" where it is not.
    `intro_html`, a correction's `html` and an entry's `full_html` are safe HTML; all else is plain
    text.
    """

    layout: str
    subject: str
    preheader: str
    language: str
    direction: str
    newsletter: str
    newsletter_url: str
    issue: str
    contents: str
    view: str
    view_url: str
    intro_html: str
    intro_text: str
    sections: tuple[SectionView, ...]
    more_heading: str
    more: tuple[MoreView, ...]
    read_on: str
    footer: FooterView
    corrections: tuple[CorrectionView, ...] = ()


@dataclass(frozen=True, slots=True)
class Notice:
    """A mail that is no edition: a few sentences around one button, and posts where it has some.

    `other_url` is where the other way leads, called `other`; both are empty where there is none.
    """

    subject: str
    preheader: str
    language: str
    direction: str
    publication: str
    heading: str
    before: tuple[str, ...]
    button: str
    url: str
    after: tuple[str, ...]
    stories: str
    entries: tuple[EntryView, ...]
    footer: FooterView
    other: str = ""
    other_url: str = ""


@dataclass(frozen=True, slots=True)
class AlertItem:
    """One thing that needs a person: what it is, what is wrong, and commands that settle it."""

    what: str
    lines: tuple[str, ...]
    findings: tuple[str, ...]
    commands: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AlertPart:
    """One condition with its things, listed or counted; `command` lists them all."""

    heading: str
    says: str
    items: tuple[AlertItem, ...]
    counts: tuple[str, ...]
    rest: tuple[str, ...]
    command: str


@dataclass(frozen=True, slots=True)
class Alert:
    """What needs a person, the gravest first; plain text throughout."""

    subject: str
    preheader: str
    language: str
    direction: str
    publication: str
    heading: str
    before: str
    parts: tuple[AlertPart, ...]
    footer: FooterView
