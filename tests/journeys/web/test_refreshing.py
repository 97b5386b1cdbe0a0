from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from service.model.feed import FeedKey, FeedKind
from service.publishing import list_manifest, publish_feeds
from service.store.installation import find_installation
from service.web.refreshing import Keeper
from service.web.shelf import Found, ServedFile
from tests.unit.web.conftest import NOW, Furnish, House


@pytest.fixture
def keeper(house: House) -> Keeper:
    keeper = Keeper(house.parts)
    keeper.look()
    return keeper


def find(house: House, path: str = "/feed.xml") -> Found | None:
    return house.parts.shelf.find(path)


def version(house: House) -> int:
    with house.parts.database.reading() as connection:
        return find_installation(connection).published_version


def publish_later(house: House) -> None:
    publish_feeds(house.parts.database, house.parts.feeds, NOW + timedelta(days=20))


def test_before_the_first_look_nothing_is_served(house: House) -> None:
    assert Keeper(house.parts).catalogue.posts == ()
    assert find(house) is None


def test_the_first_look_takes_up_what_is_published(house: House, keeper: Keeper) -> None:
    assert find(house) is not None
    assert [post.post_id for post in keeper.catalogue.posts] == [2, 1]
    assert FeedKey(FeedKind.TAG, "AI") in keeper.catalogue.groups


def test_a_look_at_an_unchanged_version_changes_nothing(house: House, keeper: Keeper) -> None:
    before = keeper.catalogue
    keeper.look()
    assert keeper.catalogue is before


def test_what_another_process_publishes_is_taken_up(furnish: Furnish) -> None:
    late = [NOW]
    house = furnish(clock=lambda: late[0])
    keeper = Keeper(house.parts)
    keeper.look()
    before = find(house)
    publish_later(house)
    late[0] = NOW + timedelta(days=20)
    keeper.look()
    assert find(house) is not before
    assert [post.post_id for post in keeper.catalogue.posts] == [3, 2, 1]


def test_on_an_empty_disk_everything_is_made_again_byte_for_byte(house: House) -> None:
    folder = house.parts.feeds.folder
    before = {path: path.read_bytes() for path in folder.rglob("*.*") if path.is_file()}
    shutil.rmtree(folder)
    keeper = Keeper(house.parts)
    keeper.look()
    assert find(house) is not None
    assert {path: path.read_bytes() for path in folder.rglob("*.*") if path.is_file()} == before
    healed = version(house)
    keeper.look()
    assert version(house) == healed


def spoil_in_the_middle(house: House, path: str) -> Path:
    """As when another process replaces the file after the version we saw."""
    file = house.parts.feeds.folder / path
    file.write_bytes(b"half")
    with house.parts.database.writing() as connection:
        connection.exec_driver_sql(
            "UPDATE published_files SET digest = 'x' WHERE path = ?", (path,)
        )
        connection.exec_driver_sql(
            "UPDATE installation SET published_version = published_version + 1"
        )
    return file


def test_a_file_just_being_replaced_is_served_as_it_was_and_mended_at_the_next_look(
    house: House, keeper: Keeper
) -> None:
    before = find(house)
    file = spoil_in_the_middle(house, "feed.xml")
    keeper.look()
    assert find(house) is before
    assert file.read_bytes() == b"half"
    keeper.look()
    served = find(house)
    assert isinstance(served, ServedFile)
    assert served.read("identity") == file.read_bytes() != b"half"


def test_the_pages_stay_up_while_the_database_is_away(house: House) -> None:
    with house.open() as client:
        with house.parts.database.writing() as connection:
            connection.exec_driver_sql("ALTER TABLE installation RENAME TO elsewhere")
        assert client.get("/").status_code == 200
        assert client.get("/feed.xml").status_code == 200


def test_another_disk_gets_the_same_files_and_tags_and_publishes_nothing(
    furnish: Furnish, tmp_path: Path
) -> None:
    late = [NOW]
    house = furnish(clock=lambda: late[0])
    press = replace(house.parts.feeds, folder=tmp_path / "second")
    shelf = type(house.parts.shelf)(press.folder)
    second = Keeper(replace(house.parts, feeds=press, shelf=shelf))
    for _ in range(2):
        published = version(house)
        second.look()
        second.look()
        house.parts.shelf.refresh(list_manifest(house.parts.database))
        ours, theirs = find(house), shelf.find("/feed.xml")
        assert ours is not None
        assert ours == theirs
        assert version(house) == published
        publish_later(house)
        late[0] = NOW + timedelta(days=20)
