"""What a generator is to the reader: where posts lie, and what their marks mean."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

from service.content.dates import read_date
from service.content.values import FrontMatter, Scalar
from service.errors import ContentError

_NAME = re.compile(r"(\d{2,4}-\d{1,2}-\d{1,2})-(.+)")
_LOOSE_NAME = re.compile(r"(\d{4}-\d{1,2}-\d{1,2})(?:[-_ ]+(.+))?")


@dataclass(frozen=True, slots=True)
class Place:
    """What a file's path says: folders that count, the date in its name, slug and language.

    `prefix` is what its language puts before the address ("es", "" for none); `hint` a
    language its folders may mean; `collection` a Jekyll collection. `why_not` says in words
    why the generator takes no post from it, "" when it does.
    """

    path: str
    folders: tuple[str, ...]
    stem: str
    slug: str
    name_date: str | None = None
    language: str = ""
    prefix: str = ""
    hint: str = ""
    collection: str = "posts"
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class Dated:
    """When a post is dated (`at` goes into its address), what says so, and not before when.

    `source` is "front matter", "name", "path" or "git"; `slug` what a file name's date leaves.
    """

    at: datetime
    source: str = "front matter"
    not_before: datetime | None = None
    slug: str = ""

    @property
    def published_at(self) -> datetime:
        """From when it is published."""
        return max(self.at, self.not_before) if self.not_before else self.at


@dataclass(frozen=True, slots=True)
class Page:
    """What an address is made of; `slug` and `permalink` are "" where nobody set them."""

    place: Place
    front: FrontMatter
    title: str
    dated_at: datetime
    zone: ZoneInfo
    slug: str = ""
    permalink: str = ""

    @property
    def local_at(self) -> datetime:
        """The date in the site's zone."""
        return self.dated_at.astimezone(self.zone)


class Generator(Protocol):
    """One dialect. Pure but for `is_site`, which looks at the folder."""

    @property
    def name(self) -> str:
        """Its name in the configuration."""

    @property
    def titles_are_html(self) -> bool:
        """Whether its templates print titles unescaped."""

    @property
    def reads_headers(self) -> bool:
        """Whether `Title: x` lines are front matter."""

    @property
    def address_keys(self) -> tuple[str, ...]:
        """The keys of front matter that set a post's address."""

    def is_site(self, root: Path) -> bool:
        """Whether `root` is a whole site, not only its posts."""

    def enters(self, folder: str, *, is_site: bool) -> bool:
        """Whether posts may lie below `folder`, a path relative to the root."""

    def takes(self, path: str, *, is_site: bool) -> bool:
        """Whether the file at `path` is one it reads at all."""

    def is_bundle(self, names: list[str]) -> bool:
        """Whether a folder with these files is one post, its other files belonging to it."""

    def find_place(self, path: str) -> Place:
        """Say what the path says."""

    def add_defaults(self, place: Place, front: FrontMatter) -> FrontMatter:
        """Return the front matter with what the site's configuration adds to it."""

    def explain_exclusion(self, place: Place, front: FrontMatter) -> str:
        """Say why a file with front matter is no post after all, "" when it is one."""

    def find_date(self, place: Place, front: FrontMatter, zone: ZoneInfo) -> Dated:
        """Return when the post is dated; raises ContentError, never guesses."""

    def split_terms(self, text: str) -> list[str]:
        """Split a string of tags or categories."""

    def list_categories(self, place: Place, front: FrontMatter) -> list[str]:
        """Return its categories as written."""

    def compose_path(self, page: Page) -> str:
        """Return the path of its page on the site, from a slash, not yet escaped."""

    def expand_path(self, page: Page, path: str) -> str:
        """Return the path that an address in front matter stands for."""

    def name_entry(self, page: Page, url: str, site_url: str) -> str:
        """Return what its usual feed knows the post at `url` by, in ASCII."""


def split_name(stem: str) -> tuple[str | None, str]:
    """Split `2026-01-31-slug` into date and slug; the date is None where there is none."""
    found = _NAME.fullmatch(stem)
    return (found.group(1), found.group(2)) if found else (None, stem)


def split_loose_name(stem: str) -> tuple[str | None, str]:
    """Split as `split_name` does, and `2026-01-31` or `2026-01-31_slug` too."""
    found = _LOOSE_NAME.fullmatch(stem)
    return (found.group(1), found.group(2) or stem) if found else (None, stem)


def read_first_date(
    front: FrontMatter, keys: tuple[str, ...], dialect: str, zone: ZoneInfo
) -> datetime | None:
    """Return the date under the first of `keys` that is present; raises ContentError."""
    found = next((scalar for key in keys if (scalar := _find_dated(front, key))), None)
    return read_scalar_date(found, dialect, zone) if found else None


def read_scalar_date(scalar: Scalar, dialect: str, zone: ZoneInfo) -> datetime:
    """Read a date, naming the line where it cannot be read."""
    try:
        return read_date(scalar.text, quoted=scalar.quoted, dialect=dialect, zone=zone)
    except ContentError as error:
        raise ContentError(error.code, error.message, scalar.line) from error


def read_name_date(place: Place, zone: ZoneInfo) -> datetime:
    """Return local midnight of the date in the file's name; raises ContentError without one."""
    if place.name_date is None:
        raise ContentError("no_date", "no date in the front matter and none in the file's name")
    return read_date(place.name_date, quoted=True, dialect="name", zone=zone)


def _find_dated(front: FrontMatter, key: str) -> Scalar | None:
    if isinstance(value := front.values.get(key), list | dict) and value:
        # Such as the `{{ date }}` of a template that nobody filled in.
        raise ContentError("date", "`{key}` holds a list or a mapping, not a date", key=key)
    # `published: true` is a switch, `published: 2026-01-31` a date.
    return None if front.flag(key) is not None else front.scalar(key)
