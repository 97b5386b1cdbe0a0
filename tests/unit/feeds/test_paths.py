from __future__ import annotations

import unicodedata
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.feeds.paths import encode_url, feed_path, feed_url, folder_name, page_path
from service.model.feed import FeedFormat, FeedKey, FeedKind

HOME = "https://news.kawara.example"
SITE = FeedKey(FeedKind.SITE)
TAG = FeedKey(FeedKind.TAG, "生成AI")
ANY_TEXT = st.text(st.characters(), max_size=90)


def test_the_site_has_its_feeds_at_the_root() -> None:
    paths = [feed_path(SITE, each) for each in FeedFormat]
    assert paths == ["feed.xml", "atom.xml", "feed.json"]
    assert page_path(SITE) == "/"


def test_a_name_of_any_script_is_its_own_folder_and_is_encoded_in_the_address() -> None:
    assert feed_path(TAG, FeedFormat.ATOM) == "tag/生成AI/atom.xml"
    assert feed_url(HOME, TAG, FeedFormat.ATOM) == f"{HOME}/tag/%E7%94%9F%E6%88%90AI/atom.xml"
    assert page_path(TAG) == "/tag/%E7%94%9F%E6%88%90AI/"


def test_a_name_is_brought_to_nfc() -> None:
    assert folder_name(unicodedata.normalize("NFD", "ガジェット")) == "ガジェット"


@pytest.mark.parametrize("name", ["C++", "C#", "50%", "Q&A", "a b", "Node.js", "AI", "é"])
def test_odd_but_safe_names_stay_readable(name: str) -> None:
    assert folder_name(name) == name
    address = feed_url(HOME, FeedKey(FeedKind.TAG, name), FeedFormat.RSS)
    assert unquote(urlsplit(address).path) == f"/tag/{name}/feed.xml"


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "..",
        ".hidden",
        "a/b",
        "../../etc",
        "a\\b",
        "a\0b",
        "a\nb",
        "end.",
        " a",
        "~a",
        "長" * 67,
        "\ud800",
    ],
)
def test_a_name_that_cannot_be_a_folder_becomes_a_hash(name: str) -> None:
    folder = folder_name(name)
    assert folder.startswith("~")
    assert folder.isascii()
    assert folder == folder_name(name)


def test_a_name_that_looks_like_a_hash_cannot_take_the_place_of_one() -> None:
    assert folder_name(folder_name("a/b")) != folder_name("a/b")


@given(ANY_TEXT)
def test_every_name_makes_one_harmless_folder(name: str) -> None:
    path = feed_path(FeedKey(FeedKind.TAG, name), FeedFormat.RSS)
    tag, folder, file = PurePosixPath(path).parts
    assert (tag, file) == ("tag", "feed.xml")
    assert folder not in {".", ".."}
    assert len(folder.encode()) <= 200
    assert feed_url(HOME, FeedKey(FeedKind.TAG, name), FeedFormat.RSS).isascii()


@given(ANY_TEXT, ANY_TEXT)
def test_two_names_never_meet(one: str, other: str) -> None:
    same = unicodedata.normalize("NFC", one) == unicodedata.normalize("NFC", other)
    assert (folder_name(one) == folder_name(other)) is same


def test_an_address_keeps_its_escapes_and_loses_what_no_address_may_hold() -> None:
    assert encode_url("https://a.example/日?q=%20&b=1#x") == (
        "https://a.example/%E6%97%A5?q=%20&b=1#x"
    )
    assert encode_url('https://a.example/a "b"<c>') == "https://a.example/a%20%22b%22%3Cc%3E"
    assert encode_url("https://a.example/\ud800").isascii()
