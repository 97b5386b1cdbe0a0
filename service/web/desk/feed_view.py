"""Feeds as the desk lists them: what they hold, how fresh they are, and who reads them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from service.feeds.paths import file_url
from service.model.feed import FeedFormat, FeedKind
from service.model.languages import name_language
from service.model.publication import Publication
from service.publishing import FeedPress, ListedFeed
from service.store.pings import HubHealth
from service.store.published import PublishedRow
from service.store.stated_readers import StatedReaders
from service.web.desk.moments import Moment, write_when
from service.web.desk.post_lines import Badge
from service.words.voice import Voice

_NAMES = {FeedFormat.RSS: "RSS", FeedFormat.ATOM: "Atom", FeedFormat.JSON: "JSON"}


@dataclass(frozen=True, slots=True)
class FileView:
    """One file of a feed. Sizes are written out; `is_there`: it lies on the disk."""

    label: str
    url: str
    size: str
    packed: str
    is_there: bool


@dataclass(frozen=True, slots=True)
class FeedView:
    """A feed: `entries` of so many posts that belong to it, the newest of them, its readers."""

    name: str
    files: tuple[FileView, ...]
    entries: int
    newest: Moment | None
    changed: Moment | None
    readers: int
    aggregators: str
    badges: tuple[Badge, ...]


@dataclass(frozen=True, slots=True)
class HubView:
    """A hub, how it takes pings, and how many wait for it."""

    hub: str
    badge: Badge
    says: str
    waiting: int


@dataclass(frozen=True, slots=True)
class FeedClerk:
    """Looks feeds up: what is published, on which disk, and what was stated of each."""

    voice: Voice
    press: FeedPress
    published: Mapping[str, PublishedRow]
    stated: Mapping[str, Sequence[StatedReaders]]
    now: datetime

    def show(self, feed: ListedFeed) -> FeedView:
        """One feed."""
        stated = [one for path in feed.paths for one in self.stated.get(path, ())]
        rows = [self.published[path] for path in feed.paths if path in self.published]
        changed_at = max((row.changed_at for row in rows), default=None)
        files = tuple(map(self._show_file, feed.formats, feed.paths))
        return FeedView(
            name=self._name(feed),
            files=files,
            entries=feed.entries,
            newest=self._write(feed.newest_at),
            changed=self._write(changed_at),
            readers=sum(one.readers for one in stated),
            aggregators=self.voice.join_names(
                f"{one.aggregator} {one.readers:,}" for one in stated
            ),
            badges=tuple(self._list_badges(feed, files)),
        )

    def _name(self, feed: ListedFeed) -> str:
        match feed.key.kind:
            case FeedKind.SITE:
                return self.voice.say_of("all stories", "Everything")
            case FeedKind.LANGUAGE:
                return name_language(feed.key.name)
            case FeedKind.CUSTOM:
                custom = next(one for one in self.press.settings.custom if one.key == feed.key)
                return custom.title or feed.key.name
        return feed.key.name

    def _show_file(self, format_: FeedFormat, path: str) -> FileView:
        file = self.press.folder / path
        size, packed = find_size(file), find_size(file.with_name(f"{file.name}.br"))
        return FileView(
            label=_NAMES[format_],
            url=file_url(self.press.publication.service_url, path),
            size=write_size(size),
            packed=write_size(packed),
            is_there=size is not None,
        )

    def _list_badges(self, feed: ListedFeed, files: Iterable[FileView]) -> list[Badge]:
        badges: list[Badge] = []
        if not feed.entries:
            badges.append(Badge(self.voice.say("no post belongs to it"), "bad"))
        if not all(file.is_there for file in files):
            badges.append(Badge(self.voice.say("not on the disk"), "bad"))
        return badges

    def _write(self, moment: datetime | None) -> Moment | None:
        if moment is None:
            return None
        return write_when(self.voice, self.press.publication, moment, self.now)


def show_hub(
    voice: Voice, publication: Publication, health: HubHealth, waiting: int, now: datetime
) -> HubView:
    """A hub in the visitor's language."""
    if health.failing_since_at is not None:
        since = write_when(voice, publication, health.failing_since_at, now)
        badge = Badge(voice.say_of("a hub", "failing"), "bad")
        says = voice.say(
            "Since {when}: {reason}", when=since.at, reason=voice.retell(health.failure)
        )
    elif health.taken_at is not None:
        taken = write_when(voice, publication, health.taken_at, now)
        badge = Badge(voice.say_of("a hub", "well"), "good")
        says = voice.say("Told last {when} ({away}).", when=taken.at, away=taken.away)
    else:
        badge, says = Badge(voice.say_of("a hub", "not told yet")), ""
    return HubView(health.hub, badge, says, waiting)


def find_size(file: Path) -> int | None:
    """Bytes of a file, None where there is none."""
    try:
        return file.stat().st_size
    except OSError:
        return None


def write_size(size: int | None) -> str:
    """Bytes as people read them, such as 12.3 KB; "" for none."""
    if size is None:
        return ""
    return f"{size / 1000:,.1f} KB" if size < 1_000_000 else f"{size / 1_000_000:,.1f} MB"
