from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree as ET

from service.feeds.opml import OpmlGroup, render_opml
from service.model.feed import CustomFeed, FeedFormat, FeedKey, FeedKind, FeedSettings

from .conftest import PUBLICATION

SITE = FeedKey(FeedKind.SITE)
GROUPS = [
    OpmlGroup("", (SITE,)),
    OpmlGroup("タグ", (FeedKey(FeedKind.TAG, '"<&>\x00 生成AI'),)),
    OpmlGroup("言語", (FeedKey(FeedKind.LANGUAGE, "en"),)),
    OpmlGroup("誰もいない", ()),
]


def parse(content: bytes) -> ET.Element:
    return ET.fromstring(content)  # noqa: S314 (our own bytes)


def test_every_feed_is_listed_once_below_the_heading_of_its_kind() -> None:
    root = parse(render_opml(GROUPS, PUBLICATION, FeedSettings()))
    assert (root.tag, root.get("version")) == ("opml", "2.0")
    assert root.findtext("head/title") == PUBLICATION.title
    site, tags, languages = root.findall("body/outline")
    assert site.attrib == {
        "text": "瓦版だより",
        "title": "瓦版だより",
        "type": "rss",
        "version": "RSS2",
        "language": "ja",
        "xmlUrl": "https://news.kawara.example/feed.xml",
        "htmlUrl": "https://kawara.example/",
    }
    assert [tags.attrib, languages.attrib] == [{"text": "タグ"}, {"text": "言語"}]
    assert [child.tag for child in root[0]] == ["title", "ownerName", "ownerId"]
    assert languages[0].get("language") == "en"


def test_no_name_of_a_feed_breaks_it() -> None:
    tag = parse(render_opml(GROUPS, PUBLICATION, FeedSettings())).findall("body/outline")[1][0]
    assert tag.get("text") == '瓦版だより | "<&> 生成AI'
    address = tag.get("xmlUrl")
    assert address is not None
    assert address.isascii()
    assert tag.get("htmlUrl") == address.removesuffix("feed.xml")


def test_a_feed_is_listed_in_the_first_format_that_it_has() -> None:
    taken = tuple(CustomFeed(path, FeedFormat.RSS) for path in ("feed.xml", "old.json"))
    json = replace(taken[1], format=FeedFormat.JSON)
    settings = FeedSettings(custom=(taken[0], json))
    groups = [OpmlGroup("", (SITE, taken[0].key, json.key))]
    outlines = parse(render_opml(groups, PUBLICATION, settings)).findall("body/outline")
    assert [(one.get("xmlUrl"), one.get("version")) for one in outlines] == [
        ("https://news.kawara.example/atom.xml", None),
        ("https://news.kawara.example/feed.xml", "RSS2"),
        ("https://news.kawara.example/old.json", None),
    ]


def test_without_pages_a_feed_is_of_the_site() -> None:
    root = parse(render_opml(GROUPS, PUBLICATION, FeedSettings(has_pages=False)))
    assert {one.get("htmlUrl") for one in root.iter("outline") if one.get("xmlUrl")} == {
        "https://kawara.example/"
    }
