from __future__ import annotations

from collections.abc import Callable

import pytest

from service.config import Config
from service.config.custom_feeds import CustomFeedTable
from service.model.feed import CustomFeed, FeedFormat, Naming
from tests.unit.config.test_documentation import PAGE

Load = Callable[[str], Config]
Blame = Callable[[str], tuple[str, ...]]


def write(*tables: str) -> str:
    return "".join(f"[[feeds.custom]]\n{table}\n" for table in tables)


def test_a_custom_feed_says_what_belongs_to_it(load: Load) -> None:
    config = load(
        write(
            'path = "/feeds/tech.xml"\ncategory = ["AI", "技術"]\nlanguage = "ja"\ntitle = "Tech"',
            'path = "feed.xml"\nformat = "atom"',
        )
    )
    assert config.feeds.custom == (
        CustomFeed(
            "feeds/tech.xml",
            FeedFormat.RSS,
            title="Tech",
            categories=("AI", "技術"),
            language="ja",
        ),
        CustomFeed("feed.xml", FeedFormat.ATOM),
    )


@pytest.mark.parametrize(
    ("path", "format_"),
    [
        ("index.xml", "rss"),
        ("rss", "rss"),
        ("feeds/all.atom.xml", "atom"),
        ("blog/atom.xml", "atom"),
        ("feed.json", "json"),
        ("%E6%9C%80%E6%96%B0.XML", "rss"),
    ],
)
def test_the_path_suggests_the_format(load: Load, path: str, format_: str) -> None:
    (feed,) = load(write(f'path = "{path}"')).feeds.custom
    assert feed.format == format_


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ('path = "../feed.xml"', ".path: "),
        ('path = "a//b.xml"', ".path: "),
        ('path = "a\\\\b.xml"', ".path: "),
        ('path = ".well-known/feed.xml"', ".path: "),
        ('path = "feed/"', '.path: "feed/" is a folder; write the file: "feed/feed.xml"'),
        ('path = "feed.xml?a=1"', ".path: "),
        ('path = "feed.xml.gz"', ".path: "),
        ('path = "subscribe/feed.xml"', ".path: "),
        ('path = "Desk/feed.xml"', ".path: "),
        ('path = "archive/2026.xml"', ".path: "),
        ('path = "tag/AI"\nformat = "rss"', ".path: "),
        ('path = "feed"', ".format: is missing, and the path does not tell it"),
        ('path = "a.xml"\nformat = "rdf"', '.format: "rdf" is not known here'),
        ('path = "a.xml"\ncategories = ["x"]', '.categories: is unknown; did you mean "category"?'),
        ('path = "a.xml"\ntag = ["x", "x"]', '.tag: "x" is in the list twice'),
        ('path = "a.xml"\nlanguage = "Japanese!"', ".language: "),
        ('title = "A"', ".path: is missing"),
    ],
)
def test_every_mistake_is_told_by_its_key(blame: Blame, table: str, said: str) -> None:
    mistakes = blame(write(table))
    assert [one[: len(f"feeds.custom[0]{said}")] for one in mistakes] == [f"feeds.custom[0]{said}"]


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        ("a.xml", "/A.xml", "is feeds.custom[0]'s already"),
        ("a.xml", "a.xml/b.xml", "cannot be a feed and the folder of"),
        ("a.xml/b.xml", "a.xml", "cannot be a feed and the folder of"),
    ],
)
def test_two_feeds_never_lie_in_each_others_way(
    blame: Blame, first: str, second: str, said: str
) -> None:
    (mistake,) = blame(write(f'path = "{first}"', f'path = "{second}"'))
    assert mistake.startswith("feeds.custom[1].path: ")
    assert said in mistake


def test_a_path_that_has_moved_is_no_feed(blame: Blame) -> None:
    written = '[feeds]\nmoved = { "/a.xml" = "/feed.xml" }\n' + write('path = "a.xml"')
    (mistake,) = blame(written)
    assert mistake == 'feeds.custom[0].path: "a.xml" is among feeds.moved; it cannot be both'


def test_what_entries_are_known_by_is_chosen_once_for_all_feeds(load: Load, blame: Blame) -> None:
    assert load('[feeds]\nguid = "permalink"\n').feeds.naming is Naming.PERMALINK
    (mistake,) = blame('[feeds]\nguid = "permalnk"\n')
    assert mistake == 'feeds.guid: "permalnk" is not known here; did you mean "permalink"?'


def test_the_page_has_every_key_of_a_custom_feed() -> None:
    rows = [line.split("`")[1] for line in PAGE.splitlines() if line.startswith("| `custom.")]
    assert rows == [f"custom.{key}" for key in CustomFeedTable.model_fields]
