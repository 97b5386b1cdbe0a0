from __future__ import annotations

import locale
import xml.etree.ElementTree as ET
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.feeds.compose import compose_feed
from service.feeds.xml import render_atom, render_rss
from service.model.feed import Feed, FeedKey, FeedKind, FeedSettings
from service.model.post import Author, Body, Enclosure, Image, Post
from service.model.publication import Publication

HOME = "https://a.example"
SITE = FeedKey(FeedKind.SITE)
NAMES = {
    "a": "http://www.w3.org/2005/Atom",
    "c": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "m": "http://search.yahoo.com/mrss/",
}
XML = "{http://www.w3.org/XML/1998/namespace}"
ANY_TEXT = st.text(st.characters(), max_size=60)
SETTINGS = FeedSettings(hubs=("https://hub.example/",))


@pytest.fixture
def feed(posts: tuple[Post, ...], bodies: dict[int, Body], publication: Publication) -> Feed:
    newest_first = [(post, bodies[post.post_id]) for post in reversed(posts)]
    return compose_feed(SITE, newest_first, publication, SETTINGS)


def read(content: bytes) -> Any:  # noqa: ANN401 (absent elements fail the test by themselves)
    return ET.fromstring(content)  # noqa: S314 (our own bytes)


def test_atom_is_the_default_namespace(feed: Feed) -> None:
    head = render_atom(feed).decode().splitlines()[1]
    assert ' xmlns="http://www.w3.org/2005/Atom"' in head
    assert "xmlns:atom" not in head
    assert "ns0" not in render_atom(feed).decode()


def test_entries_keep_the_order_they_are_given_in(feed: Feed) -> None:
    wanted = [entry.post.uid for entry in feed.entries]
    assert [item.text for item in read(render_rss(feed)).iterfind(".//guid")] == wanted
    assert [item.text for item in read(render_atom(feed)).iterfind("a:entry/a:id", NAMES)] == wanted


def test_a_guid_is_never_taken_for_an_address(feed: Feed) -> None:
    guids = read(render_rss(feed)).findall(".//guid")
    assert {guid.get("isPermaLink") for guid in guids} == {"false"}


def test_both_formats_link_to_themselves_the_hub_and_the_page(feed: Feed) -> None:
    channel = read(render_rss(feed)).find("channel")
    assert channel.findtext("link") == "https://kawara.example/"
    links = {link.get("rel"): link.get("href") for link in channel.findall("a:link", NAMES)}
    assert links == {
        "self": "https://news.kawara.example/feed.xml",
        "hub": "https://hub.example/",
    }
    atom_links = read(render_atom(feed)).findall("a:link", NAMES)
    assert {link.get("rel"): link.get("href") for link in atom_links} == {
        "self": "https://news.kawara.example/atom.xml",
        "hub": "https://hub.example/",
        "alternate": "https://kawara.example/",
    }


def test_the_links_of_an_atom_entry_say_what_they_are(feed: Feed) -> None:
    entry = read(render_atom(feed)).find("a:entry", NAMES)
    links = [dict(link.attrib) for link in entry.findall("a:link", NAMES)]
    page = "https://kawara.example/2025/10/15/sheets/"
    sound = "https://kawara.example/audio/cry"
    assert links == [
        {"href": page, "rel": "alternate", "type": "text/html"},
        {"href": f"{sound}.mp3", "rel": "enclosure", "type": "audio/mpeg", "length": "123456"},
        {"href": f"{sound}.ogg", "rel": "enclosure", "type": "audio/ogg"},
    ]


def test_an_item_of_rss_has_the_first_enclosure(feed: Feed) -> None:
    enclosures = read(render_rss(feed)).findall(".//enclosure")
    assert [enclosure.get("url") for enclosure in enclosures] == [
        "https://kawara.example/audio/cry.mp3"
    ]


def test_language_is_on_feed_entry_and_content(feed: Feed) -> None:
    root = read(render_atom(feed))
    assert root.get(f"{XML}lang") == "ja"
    languages = [entry.get(f"{XML}lang") for entry in root.findall("a:entry", NAMES)]
    assert languages == ["en", "ja", "ja"]
    contents = root.findall("a:entry/a:content", NAMES)
    assert [content.get(f"{XML}lang") for content in contents] == languages
    channel = read(render_rss(feed)).find("channel")
    assert channel.findtext("language") == "ja"
    assert [item.findtext("dc:language", None, NAMES) for item in channel.findall("item")] == [
        "en",
        None,
        None,
    ]


def test_every_text_has_its_base_and_no_link_leads_to_the_base_it_stands_in(feed: Feed) -> None:
    root = read(render_atom(feed))
    assert [content.get(f"{XML}base") for content in root.findall("a:entry/a:content", NAMES)] == [
        entry.post.url for entry in feed.entries if entry.body.html
    ]
    assert not [entry for entry in root.iter() if entry.get(f"{XML}base") and len(entry)]


def test_authors_are_named_in_both_formats_and_their_addresses_in_none(feed: Feed) -> None:
    rss = read(render_rss(feed))
    assert [creator.text for creator in rss.findall(".//item/dc:creator", NAMES)] == [
        "Ann Crier",
        "Bob Caller",
        "葛飾 北斎",
        "瓦版編集部",
    ]
    assert rss.findtext("channel/dc:creator", None, NAMES) == "瓦版編集部"
    assert read(render_atom(feed)).findtext("a:author/a:name", None, NAMES) == "瓦版編集部"
    assert b"hokusai@" not in render_rss(feed) + render_atom(feed)


def test_an_image_is_media_content_with_its_type_and_in_no_group(feed: Feed) -> None:
    for content in (render_rss(feed), render_atom(feed)):
        pictures = read(content).findall(".//m:content", NAMES)
        assert [dict(picture.attrib) for picture in pictures] == [
            {
                "url": "https://kawara.example/img/matoi.png?a=1&b=2",
                "type": "image/png",
                "medium": "image",
            }
        ]
        assert b"media:group" not in content


def test_the_description_comes_before_the_content(feed: Feed) -> None:
    for item in read(render_rss(feed)).iter("item"):
        tags = [element.tag for element in item]
        assert tags.index("description") < tags.index(f"{{{NAMES['c']}}}encoded")


def test_a_summary_is_escaped_html_in_both_formats(feed: Feed) -> None:
    summary = "め組 &amp; 町火消し、3 &lt; 48 組の話。"
    atom = read(render_atom(feed)).findall("a:entry/a:summary", NAMES)[1]
    assert (atom.text, atom.get("type")) == (summary, "html")
    rss = read(render_rss(feed)).findall(".//item/description")[1]
    assert rss.text == summary


def test_nothing_is_written_as_cdata(feed: Feed) -> None:
    assert b"CDATA" not in render_rss(feed) + render_atom(feed)


def test_categories_and_tags_have_each_their_scheme(feed: Feed) -> None:
    home = "https://news.kawara.example"
    entry = read(render_atom(feed)).findall("a:entry", NAMES)[1]
    wanted = [
        ("町のうわさ", f"{home}/category/"),
        ("生成AI", f"{home}/tag/"),
        ("火事", f"{home}/tag/"),
    ]
    categories = entry.findall("a:category", NAMES)
    assert [(each.get("term"), each.get("scheme")) for each in categories] == wanted
    item = read(render_rss(feed)).findall(".//item")[1]
    assert [(each.text, each.get("domain")) for each in item.findall("category")] == wanted


def test_an_empty_feed_is_well_formed_and_does_not_pretend_to_have_been_built(
    publication: Publication,
) -> None:
    empty = compose_feed(SITE, [], publication, FeedSettings())
    assert read(render_rss(empty)).findtext("channel/lastBuildDate") is None
    assert read(render_atom(empty)).findtext("a:updated", None, NAMES) == (
        "2000-01-01T00:00:00+00:00"
    )


def test_the_locale_is_never_touched(feed: Feed, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        pytest.fail("the locale of the whole process was about to be switched")

    monkeypatch.setattr(locale, "setlocale", refuse)
    assert b"15 Oct 2025" in render_rss(feed)
    assert b"2025-10-15" in render_atom(feed)


def test_threads_make_the_same_bytes_and_leave_the_locale_as_it_was(feed: Feed) -> None:
    before = locale.setlocale(locale.LC_ALL)
    with ThreadPoolExecutor(4) as pool:
        renders = list(pool.map(render_rss, [feed] * 40))
    assert set(renders) == {render_rss(feed)}
    assert locale.setlocale(locale.LC_ALL) == before


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(title=ANY_TEXT, summary=ANY_TEXT, html=ANY_TEXT, url=ANY_TEXT, name=ANY_TEXT)
def test_any_text_makes_well_formed_xml(
    title: str, summary: str, html: str, url: str, name: str, post: Post
) -> None:
    any_post = replace(
        post,
        uid=name,
        title=title,
        summary=summary,
        url=url,
        language=name,
        authors=(Author(name, url=url),),
        tags=(name,),
        categories=(name,),
        image=Image(url, name),
        enclosures=(Enclosure(url, name, 0),),
    )
    publication = Publication(title, HOME, HOME, summary, name, "Asia/Tokyo", name)
    key = FeedKey(FeedKind.AUTHOR, name)
    feed = compose_feed(
        key, [(any_post, Body(html=html, text=""))], publication, FeedSettings(hubs=(url,))
    )
    for content in (render_rss(feed), render_atom(feed)):
        assert read(content) is not None
