"""What readers of feeds see of a publication on which many hands work, over months of edits."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from service.feeds.build import render_feed
from service.feeds.naming import name_entries
from service.feeds.paths import file_url
from service.model.feed import FeedKey, FeedKind, FeedSettings, Naming
from service.model.post import Post
from service.model.publication import Publication
from service.publishing import FeedPress, list_shown_posts, plan_feeds
from service.scanning import ScanReport
from service.store.database import Database
from service.store.posts import load_bodies
from tests.fakes.newsroom import Newsroom
from tests.feeds.rules import check_feed

STEPS = 120
Step = Callable[[Newsroom, Random], object]
HANDS: tuple[tuple[int, Step], ...] = (
    (40, Newsroom.add),
    (30, Newsroom.grow),
    (25, Newsroom.retitle),
    (10, Newsroom.rewrite),
    (10, Newsroom.redate),
    (15, Newsroom.rename),
    (20, Newsroom.overwrite),
    (8, Newsroom.take_back),
    (10, Newsroom.make_room),
    (8, Newsroom.swap),
    (8, Newsroom.shift),
    (6, Newsroom.copy),
    (6, Newsroom.rename_in_two_steps),
    (8, Newsroom.delete),
    (6, Newsroom.restore),
    (6, Newsroom.restore_elsewhere),
    (10, Newsroom.change_state),
    (6, Newsroom.change_id),
    (6, Newsroom.edit_all),
    (3, Newsroom.move_many),
    (8, Newsroom.scan_half_way),
)
PUBLICATION = Publication(
    "瓦版", "https://kawara.example", "https://news.kawara.example", "便り", "ja", "Asia/Tokyo", "A"
)


@dataclass
class Reader:
    """One who follows the feed from the first day and never forgets an entry."""

    naming: Naming
    owners: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)

    def follow(self, posts: list[Post]) -> None:
        named = name_entries(posts, self.naming)
        ids = [one.uid for one in named]
        assert len(set(ids)) == len(ids)
        assert all(map(str.isascii, ids))
        for post, name in zip(posts, ids, strict=True):
            assert self.names.setdefault(post.uid, name) == name, "an entry got another id"
            assert self.owners.setdefault(name, post.uid) == post.uid, "an id got another entry"


class FollowedNewsroom(Newsroom):
    """A newsroom whose feeds are looked at after every scan."""

    def __init__(self, root: Path, database: Database) -> None:
        super().__init__(root, database)
        settings = FeedSettings(naming=Naming.PERMALINK)
        self.press = FeedPress(PUBLICATION, settings, root.parent / "public", shows_future=False)
        self.readers = [Reader(each) for each in Naming]
        self.seen: dict[str, tuple[list[str], str, datetime]] = {}
        self.updates = 0

    def _look(self, after: timedelta) -> ScanReport:
        report = super()._look(after)
        posts = list_shown_posts(self.database, self.press, self.now)
        for reader in self.readers:
            reader.follow(posts)
        for post in posts:
            self._compare_update(post)
        return report

    def _compare_update(self, post: Post) -> None:
        """`updated` moves when the words do, and never else."""
        words, digest = post.title.split(), post.text_digest
        if post.uid in self.seen:
            before_words, before_digest, updated_at = self.seen[post.uid]
            if (words, digest) == (before_words, before_digest):
                assert post.updated_at == updated_at
            else:
                assert post.updated_at > updated_at
                self.updates += 1
        self.seen[post.uid] = (words, digest, post.updated_at)


def test_ids_are_unique_and_stay_and_updated_moves_with_the_words(
    migrated_file: Path, tmp_path: Path
) -> None:
    shutil.copyfile(migrated_file, tmp_path / "kawaraban.db")
    database = Database(f"sqlite:///{tmp_path}/kawaraban.db")
    (tmp_path / "posts").mkdir()
    rng = Random("瓦版")  # noqa: S311 - the same months every time
    room = FollowedNewsroom(tmp_path / "posts", database)
    room.begin(rng, 30)
    weights, hands = zip(*HANDS, strict=True)
    for number in range(STEPS):
        [hand] = rng.choices(hands, weights)
        hand(room, rng)
        if number % 3 == 0:
            room.scan(rng.choice([timedelta(minutes=1), timedelta(hours=30)]))
    room.scan()
    assert room.updates > 20
    check_all(room)
    database.close()


def check_all(room: FollowedNewsroom) -> None:
    """In the end every feed is still without a fault, and the archive has every post once."""
    posts = list_shown_posts(room.database, room.press, room.now)
    plans = plan_feeds(posts, room.press)
    archived = [post.uid for plan in plans.values() if plan.is_archive for post in plan.posts]
    assert sorted(archived) == sorted(
        one.uid for one in name_entries(posts, room.press.settings.naming)
    )
    for key in (FeedKey(FeedKind.SITE), *(key for key, plan in plans.items() if plan.is_archive)):
        with room.database.reading() as connection:
            bodies = load_bodies(connection, plans[key].body_ids)
        for file in render_feed(plans[key], bodies):
            if not file.path.endswith(".json"):
                url = file_url(PUBLICATION.service_url, file.path)
                assert check_feed(file.content, url, room.now) == []
