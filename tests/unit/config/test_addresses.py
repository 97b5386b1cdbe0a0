from __future__ import annotations

from collections.abc import Callable

import pytest

from service.config import Config

Load = Callable[..., Config]
Blame = Callable[..., tuple[str, ...]]


@pytest.mark.parametrize(
    "hub",
    [
        "https://pubsubhubbub.appspot.com/",
        "https://hub.example",
        "https://hub.example/publish?key=1&b=%E3%81%82",
        "http://127.0.0.1:9000/hub",
        "http://localhost:9000/",
        "http://[::1]/hub",
        "http://10.0.0.5/hub",
    ],
)
def test_a_hub_stays_exactly_as_it_was_written(load: Load, hub: str) -> None:
    assert load(f'[feeds]\nhubs = ["{hub}"]\n').feeds.hubs == (hub,)


@pytest.mark.parametrize(
    ("hub", "said"),
    [
        ("http://hub.example/", '"http://hub.example/" is not a hub; write its address: '),
        ("hub.example", '"hub.example" is not a web address'),
        ("https://瓦版.example/", "is not a web address"),
        ("https://hub.example/a b", "is not a web address"),
        ("https://hub.example/<x>", "is not a web address"),
        ("https://hub.example:99999/", "is not a web address"),
        ("https://me:secret@hub.example/", "names a user, a password"),
        ("https://hub.example/#x", "names a user, a password or a part after #"),
        ("", "is empty"),
    ],
)
def test_what_is_no_hub_is_told_by_its_key(blame: Blame, hub: str, said: str) -> None:
    (mistake,) = blame(f'[feeds]\nhubs = ["{hub}"]\n')
    assert mistake.startswith("feeds.hubs[0]: ")
    assert said in mistake
    assert "secret" not in mistake


def test_a_hub_twice_is_a_mistake(blame: Blame) -> None:
    hub = "https://hub.example/"
    (mistake,) = blame(f'[feeds]\nhubs = ["{hub}", "{hub}"]\n')
    assert mistake == f'feeds.hubs: "{hub}" is in the list twice'


def test_what_has_moved_is_kept_without_escapes(load: Load) -> None:
    config = load(
        """
        [feeds.moved]
        "/rss.xml" = "/feed.xml"
        "/feed/" = "https://new.example/feed.xml?a=b"
        "/tag/%E3%82%AB%E3%82%99/rss" = "/tag/%E3%82%AC/feed.xml"
        """
    )
    assert config.feeds.moved == (
        ("/rss.xml", "/feed.xml"),
        ("/feed/", "https://new.example/feed.xml?a=b"),
        ("/tag/ガ/rss", "/tag/ガ/feed.xml"),
    )


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('"rss.xml" = "/feed.xml"', 'feeds.moved."rss.xml": "rss.xml" is not a path'),
        ('"/" = "/feed.xml"', 'feeds.moved."/": is a page of the service itself'),
        ('"/desk/x" = "/feed.xml"', 'feeds.moved."/desk/x": is a page of the service itself'),
        ('"/a//b" = "/feed.xml"', 'feeds.moved."/a//b": "/a//b" is not a path'),
        ('"//evil.example/x" = "/feed.xml"', "is not a path"),
        ('"/a/../b" = "/feed.xml"', "is not a path"),
        ('"/a?b" = "/feed.xml"', "has more in it than a path"),
        ('"/a%0Ab" = "/feed.xml"', "has more in it than a path"),
        ('"/a%FF" = "/feed.xml"', "has more in it than a path"),
        ('"/a" = "feed.xml"', 'feeds.moved."/a": "feed.xml" is not a web address'),
        ('"/a" = "http://b.example/"', 'feeds.moved."/a": "http://b.example/" leads nowhere'),
        ('"/a" = "//b.example/feed.xml"', "is not a path"),
        ('"/a" = 3', 'feeds.moved."/a": 3 is not text'),
        ('"/a" = "/a"', 'feeds.moved: "/a" leads to itself'),
        ('"/a" = "/b"\n"/b" = "/c"', 'feeds.moved: "/a" leads to "/b", which has moved too'),
    ],
)
def test_what_leads_nowhere_is_told_by_its_key(blame: Blame, line: str, said: str) -> None:
    (mistake,) = blame(f"[feeds.moved]\n{line}\n")
    assert said in mistake
