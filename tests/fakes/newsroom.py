"""A folder of posts that many hands work on, and a model of which article each file is.

The model knows nothing of how identity is decided. It keeps to what the rules promise: between
two scans it does nothing to one article after which nobody could say that it is the same.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

from service.content.gate import GateSettings
from service.content.rules import ReadingRules
from service.delivery.news import list_becoming_news
from service.model.newsletter import Cadence, Newsletter
from service.model.post import Hold, Post
from service.scanning import ScanReport, ScanSettings, scan_posts
from service.store.database import Database
from service.store.installation import open_installation
from service.store.news import list_news_post_ids, open_newsletter, record_news
from service.store.post_paths import list_traces
from service.store.posts import list_posts

BEGAN_AT = datetime(2026, 3, 1, 9, tzinfo=UTC)
WEEKLY = Newsletter("weekly", "瓦版", "ja", cadences=(Cadence.WEEKLY,))
RULES = ReadingRules(
    generator="generic",
    site_url="https://kawara.example",
    zone=ZoneInfo("Asia/Tokyo"),
    language="ja",
    permalink="",
    author="",
    future=False,
    gate=GateSettings(),
)
_SOUNDS = "かきくけこさしすせそたちつてとなにぬねのはひふへほまみむめもらりるれろ町橋舟川灯火"
BLOCK = "## あわせて読みたい\n\n" + "\n".join(f"- [町の記事その{n}](/kiji/{n}/)" for n in range(5))


@dataclass
class Story:
    """One article: where and what it is now, and which entry of the feeds it turned out to be."""

    key: int
    path: str
    title: str
    dated: datetime
    body: list[str]
    explicit_id: str | None = None
    state: str = "fine"
    uid: str | None = None
    changed: set[str] = field(default_factory=set)
    is_locked: bool = False
    is_sudden: bool = False
    is_twin: bool = False

    def may(self, change: str) -> bool:
        """Whether one could still say that it is the same article after this change too."""
        if self.is_locked or self.state != "fine":
            return False
        if change == "path" and (self.uid is None or self.is_twin):
            return False
        if self.uid is None:
            return True
        after = self.changed | {change}
        moved_and = {"path"} <= after
        if moved_and and ("rewritten" in after or {"grown", "date"} <= after):
            return False
        return not {"rewritten", "title", "date"} <= after

    @property
    def is_free(self) -> bool:
        """Whether nothing was done to it since the last scan."""
        return not (self.changed or self.is_locked) and self.uid is not None


class Newsroom:
    """Operations on stories, and scans that compare what was made of them with the model."""

    def __init__(self, root: Path, database: Database) -> None:
        open_installation(database)
        self.settings = ScanSettings(root, RULES, "kawara.example", mass_limit=25)
        self.database = database
        self.now = BEGAN_AT
        self.stories: dict[int, Story] = {}
        self.deleted: list[tuple[Story, datetime]] = []
        self.overwritten: list[Story] = []
        self.copies: dict[str, bytes] = {}
        self.on_disk: dict[str, bytes] = {}
        self.found: list[Post] = []
        self.uids: dict[str, int] = {}
        self.numbered: dict[int, int] = {}
        self.mass_edits = 0
        self.count = 0

    def pick(self, rng: Random, fits: Callable[[Story], bool]) -> Story | None:
        fitting = [story for story in self.stories.values() if fits(story)]
        return rng.choice(fitting) if fitting else None

    def add(self, rng: Random, path: str | None = None, dated: datetime | None = None) -> Story:
        self.count += 1
        when = dated or self.now - timedelta(minutes=5)
        story = Story(
            key=self.count,
            path=path or self.find_path(rng),
            title=f"{_speak(rng, 8)}の{self.count}番",
            dated=when.replace(microsecond=0) + timedelta(seconds=self.count),
            body=[_speak(rng, rng.randint(60, 160)) for _ in range(rng.randint(4, 9))],
        )
        self.stories[story.key] = story
        return story

    def find_path(self, rng: Random) -> str:
        self.count += 1
        folder = rng.choice(("", "町/", "kawa/"))
        return f"{folder}{_speak(rng, 3)}-{self.count}.md"

    def retitle(self, rng: Random) -> None:
        if story := self.pick(rng, lambda one: one.may("title")):
            story.title = rng.choice((f"2026年{story.title}", f"{story.title}の全貌と行方"))
            story.changed.add("title")

    def redate(self, rng: Random) -> None:
        if story := self.pick(rng, lambda one: one.may("date")):
            self.count += 1
            when = self.now + timedelta(hours=rng.randint(-60, 2))
            # What was there before the first scan may be given any date; the rest would be known.
            story.dated = max(when, BEGAN_AT + timedelta(hours=1)) + timedelta(seconds=self.count)
            story.changed.add("date")

    def grow(self, rng: Random) -> None:
        if story := self.pick(rng, lambda one: one.may("grown")):
            parts = [_speak(rng, 150) for _ in range(rng.randint(1, 20))]
            story.body += rng.choice((parts, ["---END---", *parts], [BLOCK]))
            story.changed.add("grown")

    def rewrite(self, rng: Random) -> None:
        if story := self.pick(rng, lambda one: one.may("rewritten")):
            story.body = [_speak(rng, 120) for _ in range(5)]
            story.changed.add("rewritten")

    def rename(self, rng: Random) -> None:
        if story := self.pick(rng, lambda one: one.may("path") and "path" not in one.changed):
            story.path = self.find_path(rng)
            story.changed.add("path")

    def overwrite(self, rng: Random) -> None:
        """Another article takes the path, and the one that was there is lost."""
        if story := self.pick(rng, lambda one: one.is_free and one.may("path")):
            del self.stories[story.key]
            self.overwritten.append(story)
            self.add(rng, story.path).is_locked = True

    def take_back(self, rng: Random) -> None:
        """An overwriting is undone: the article that was there is there again."""
        lost = [one for one in self.overwritten if (at := self.find_at(one.path)) and at.is_free]
        if lost:
            story = rng.choice(lost)
            self.overwritten.remove(story)
            there = self.find_at(story.path)
            assert there is not None
            del self.stories[there.key]
            self.stories[story.key] = story
            story.is_locked = True

    def make_room(self, rng: Random) -> None:
        """An article moves, and another one is written where it was."""
        if story := self.pick(rng, lambda one: one.is_free and one.may("path")):
            old, story.path = story.path, self.find_path(rng)
            story.changed.add("path")
            self.add(rng, old).is_locked = True

    def swap(self, rng: Random) -> None:
        """Two articles change places."""
        first = self.pick(rng, lambda one: one.is_free and one.may("path"))
        second = self.pick(rng, lambda one: one.is_free and one.may("path") and one is not first)
        if first and second:
            first.path, second.path = second.path, first.path
            for story in (first, second):
                story.is_locked = True

    def shift(self, rng: Random) -> None:
        """One article moves to where another was, which moves on."""
        first = self.pick(rng, lambda one: one.is_free and one.may("path"))
        second = self.pick(rng, lambda one: one.is_free and one.may("path") and one is not first)
        if first and second:
            first.path, second.path = second.path, self.find_path(rng)
            for story in (first, second):
                story.is_locked = True

    def copy(self, rng: Random) -> None:
        """Somebody begins an article with the text of another one."""
        if story := self.pick(rng, lambda one: one.is_free and one.may("path")):
            other = self.add(rng)
            other.body = list(story.body)
            # From now on nobody could say which of the two it is that moved.
            story.is_twin = other.is_twin = story.is_locked = True

    def rename_in_two_steps(self, rng: Random) -> None:
        """A scan sees the new file while the old one is still there."""
        self.scan()
        if story := self.pick(rng, lambda one: one.is_free and one.may("path")):
            path = self.find_path(rng)
            self.copies[path] = self.render(story)
            self.scan()
            self.copies.clear()
            story.path = path
            self.scan()

    def delete(self, rng: Random) -> None:
        if story := self.pick(rng, lambda one: one.is_free and one.may("path")):
            del self.stories[story.key]
            self.deleted.append((story, self.now))

    def restore(self, rng: Random) -> None:
        """A deleted article comes back where it was, however long ago that is."""
        gone = [pair for pair in self.deleted if self.find_at(pair[0].path) is None]
        if gone:
            self.bring_back(rng.choice(gone))

    def restore_elsewhere(self, rng: Random) -> None:
        """A deleted article comes back at another path before a day is over."""
        self.scan()
        late = self.now - timedelta(hours=23)
        if recent := [pair for pair in self.deleted if pair[1] > late]:
            pair = rng.choice(recent)
            pair[0].path = self.find_path(rng)
            self.bring_back(pair)
            self.scan()

    def bring_back(self, pair: tuple[Story, datetime]) -> None:
        self.deleted.remove(pair)
        self.stories[pair[0].key] = pair[0]
        pair[0].is_locked = True

    def change_state(self, rng: Random) -> None:
        """An article breaks, becomes a draft or no post at all; or it is mended."""
        story = self.pick(rng, lambda one: one.state != "fine" and not one.is_locked)
        if story and rng.random() < 0.7:
            story.state, story.is_locked = "fine", True
        elif story := self.pick(rng, lambda one: one.is_free and one.may("path")):
            story.state = rng.choice(("broken", "draft", "redirect"))
            story.is_locked = True

    def change_id(self, rng: Random) -> None:
        if story := self.pick(rng, lambda one: one.is_free and one.may("path")):
            self.count += 1
            story.explicit_id = None if story.explicit_id else f"urn:kawara:{self.count}"
            story.is_locked = True

    def edit_all(self, _rng: Random) -> None:
        """Every front matter changes at once: nothing of it is news, or an update."""
        self.scan()
        before = {path: post.updated_at for path, post in self.list_posts().items()}
        numbered = len(self.numbered)
        self.mass_edits += 1
        self.scan()
        assert {path: post.updated_at for path, post in self.list_posts().items()} == before
        assert len(self.numbered) == numbered

    def add_many(self, rng: Random) -> None:
        """More new articles at once than an editor writes, with dates already past."""
        self.scan(timedelta(hours=2))
        for _ in range(26):
            self.add(rng).is_sudden = True
        assert self.scan().held_as_mass == 26

    def add_many_to_come(self, rng: Random) -> None:
        self.scan(timedelta(hours=2))
        for _ in range(26):
            self.add(rng, dated=self.now + timedelta(hours=5))
        assert self.scan().held_as_mass == 0

    def move_many(self, rng: Random) -> None:
        """A folder is tidied up: everything moves, and nothing is new or gone."""
        self.scan()
        for story in self.stories.values():
            if story.may("path"):
                story.path = self.find_path(rng)
                story.changed.add("path")
        report = self.scan()
        assert (report.new, report.gone, report.missing) == (0, 0, ())

    def find_at(self, path: str) -> Story | None:
        return next((one for one in self.stories.values() if one.path == path), None)

    def render(self, story: Story) -> bytes:
        if story.state == "broken":
            return f"---\ntitle: [\n---\n{story.key}".encode()
        if story.state == "redirect":
            return b"---\ntitle: moved\nredirect_to: /elsewhere/\n---\n"
        lines = [
            "---",
            f"title: {story.title}",
            f"date: {story.dated.isoformat(sep=' ')}",
            f"tags: [edit{self.mass_edits}]",
            *(["draft: true"] if story.state == "draft" else []),
            *([f"id: {story.explicit_id}"] if story.explicit_id else []),
            "---",
        ]
        return ("\n".join(lines) + "\n\n" + "\n\n".join(story.body) + "\n").encode()

    def scan(self, after: timedelta = timedelta(minutes=1)) -> ScanReport:
        """Bring the folder up to date, scan it, number the news, and compare with the model."""
        self.write(self.list_changed())
        report = self._look(after)
        if not self.copies:
            self.compare(report)
        return report

    def scan_half_way(self, rng: Random) -> None:
        """Scan while only some of the changes have reached the folder, then when all have."""
        changed = self.list_changed()
        if any({"path"} < story.changed for story in self.stories.values()):
            return
        self.write(rng.sample(changed, len(changed) // 2))
        self._look(timedelta(seconds=3))
        self.scan()

    def list_changed(self) -> list[str]:
        wanted = self._list_wanted()
        paths = sorted({*wanted, *self.on_disk})
        return [path for path in paths if wanted.get(path) != self.on_disk.get(path)]

    def write(self, paths: list[str]) -> None:
        wanted = self._list_wanted()
        for path in paths:
            file = self.settings.root / path
            content = wanted.get(path)
            if content is None:
                file.unlink()
                del self.on_disk[path]
                continue
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
            file.with_name(f"{file.name}.backup").write_bytes(content)
            os.utime(file, (self.now.timestamp(), self.now.timestamp()))
            self.on_disk[path] = content

    def list_posts(self) -> dict[str, Post]:
        with self.database.reading() as connection:
            return {post.path: post for post in list_posts(connection)}

    def compare(self, report: ScanReport) -> None:
        """What the scan made of the folder is what the model says that it is."""
        posts = {post.path: post for post in self.found}
        shown = [one for one in self.stories.values() if one.state in ("fine", "draft")]
        kept = [one for one in self.stories.values() if one.state == "broken" and one.uid]
        assert {one.path for one in (*shown, *kept)} == set(posts)
        for story in shown:
            uid = posts[story.path].uid
            if story.uid is None:
                assert uid not in self.uids, (_sketch(story), self.uids[uid])
                story.uid, self.uids[uid] = uid, story.key
            assert self.uids[uid] == story.key, (_sketch(story), self.uids[uid])
            assert posts[story.path].title == story.title
            assert (posts[story.path].hold is Hold.MASS) == story.is_sudden
        assert {row.path for row in report.quarantined} == {
            one.path for one in self.stories.values() if one.state == "broken"
        }
        for story in self.stories.values():
            story.changed.clear()
            story.is_locked = False
        self._compare_news()

    def _compare_news(self) -> None:
        with self.database.reading() as connection:
            uids = {trace.post_id: trace.uid for trace in list_traces(connection)}
            news = list_news_post_ids(connection, "weekly")
        assert len(uids) == len(set(uids.values()))
        numbered = {post_id: self.uids[uids[post_id]] for post_id in news}
        # One number for one article, and never taken back.
        assert len(set(numbered.values())) == len(numbered)
        assert self.numbered.items() <= numbered.items()
        self.numbered = numbered

    def finish(self) -> None:
        """In the end every article that came after the first scan was news, and only those."""
        self.scan()
        self.scan(timedelta(hours=12))
        known = {key for key in self.uids.values() if key <= self.known_through}
        wanted = {one.key for one in self.stories.values() if one.state == "fine"}
        sudden = {one.key for one in self.stories.values() if one.is_sudden}
        swallowed = wanted - known - sudden - set(self.numbered.values())
        assert not swallowed, [_sketch(self.stories[key]) for key in swallowed]
        assert not known & set(self.numbered.values())

    def begin(self, rng: Random, count: int) -> None:
        """Articles that were there before the first scan."""
        for _ in range(count):
            self.add(rng, dated=BEGAN_AT - timedelta(days=rng.randint(1, 300)))
        self.known_through = self.count
        self.scan()
        self.now += timedelta(hours=2)

    def _look(self, after: timedelta) -> ScanReport:
        self.now += after
        report = scan_posts(self.database, self.settings, self.now)
        self._mail()
        return report

    def _mail(self) -> None:
        """Number what became news, and never look back: each has been mailed by now."""
        with self.database.writing() as connection:
            self.found = list_posts(connection)
            open_newsletter(connection, "weekly", BEGAN_AT)
            fresh = list_becoming_news(connection, self.found, WEEKLY, self.now)
            record_news(connection, "weekly", [post.post_id for post in fresh], self.now)

    def _list_wanted(self) -> dict[str, bytes]:
        return {one.path: self.render(one) for one in self.stories.values()} | self.copies


def _sketch(story: Story) -> Story:
    """Return the story without its body, for the eye."""
    return replace(story, body=[])


def _speak(rng: Random, length: int) -> str:
    return "".join(rng.choice(_SOUNDS) for _ in range(length)) + "。"
