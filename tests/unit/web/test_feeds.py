from __future__ import annotations

import asyncio
import gzip
import hashlib
from collections.abc import MutableMapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.model.feed import FeedSettings, PublishedFile
from service.publishing import FeedPress
from service.web.feeds import PublishedFiles
from service.web.negotiating import find_coding, is_listed, is_unchanged_since
from service.web.shelf import ServedFile, Shelf, Signpost, open_shelf

from .conftest import PUBLICATION

CONTENT = "<rss>瓦版</rss>".encode() * 50
CHANGED_AT = datetime(2025, 10, 15, 20, 35, 59, 123456, tzinfo=timezone(timedelta(hours=9)))
TYPE = "application/rss+xml; charset=utf-8"
HUB = "https://hub.example/?a=b"
GADGET = "tag/%E3%82%AC%E3%82%B8%E3%82%A7%E3%83%83%E3%83%88/feed.xml"


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


def put(folder: Path, path: str, content: bytes = CONTENT) -> PublishedFile:
    target = folder / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)
    target.with_name(f"{target.name}.gz").write_bytes(gzip.compress(content, mtime=0))
    target.with_name(f"{target.name}.br").write_bytes(brotli.compress(content))
    return PublishedFile(path, TYPE, hashlib.sha256(content).hexdigest(), CHANGED_AT)


def ask(app: PublishedFiles, path: str, method: str = "GET", **headers: str) -> Answer:
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return run(app, {"type": "http", "method": method, "path": path, "headers": raw})


def run(app: PublishedFiles, scope: MutableMapping[str, Any]) -> Answer:
    sent: list[MutableMapping[str, Any]] = []

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    asyncio.run(app(scope, receive, send))
    got = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return Answer(sent[0]["status"], got, sent[1]["body"])


async def say_not_mine(scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401
    await send({"type": "http.response.start", "status": 404, "headers": []})
    await send({"type": "http.response.body", "body": scope["path"].encode()})


class Ears:
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, bytes]] = []

    def hear(self, path: str, agent: bytes) -> None:
        self.heard.append((path, agent))


def find_file(shelf: Shelf, path: str) -> ServedFile:
    found = shelf.find(path)
    assert isinstance(found, ServedFile)
    return found


def fill(shelf: Shelf, folder: Path, *removed: str) -> Shelf:
    manifest = [put(folder, "feed.xml"), put(folder, "tag/ガジェット/feed.xml")]
    assert shelf.refresh(manifest, removed) == ()
    return shelf


def open_door(shelf: Shelf) -> PublishedFiles:
    return PublishedFiles(shelf, say_not_mine, Ears(), "終わり\n")


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return fill(Shelf(tmp_path, Signpost("https://kawara.example")), tmp_path)


@pytest.fixture
def app(shelf: Shelf) -> PublishedFiles:
    return open_door(shelf)


def test_a_feed_is_served_with_everything_a_reader_keeps(app: PublishedFiles) -> None:
    answer = ask(app, "/feed.xml")
    assert answer.status == 200
    assert answer.body == CONTENT
    assert answer.headers == {
        "content-type": TYPE,
        "etag": f'"{hashlib.sha256(CONTENT).hexdigest()[:32]}"',
        "last-modified": "Wed, 15 Oct 2025 11:35:59 GMT",
        "cache-control": "public, max-age=900",
        "vary": "Accept-Encoding",
        "access-control-allow-origin": "*",
        "access-control-expose-headers": "ETag, Link",
        "content-security-policy": (
            "sandbox; default-src 'none'; style-src data:; frame-ancestors 'none'"
        ),
        "x-content-type-options": "nosniff",
        "content-length": str(len(CONTENT)),
    }


def test_each_coding_has_its_own_bytes_and_its_own_tag(app: PublishedFiles) -> None:
    plain = ask(app, "/feed.xml", accept_encoding="identity")
    packed = ask(app, "/feed.xml", accept_encoding="gzip")
    pressed = ask(app, "/feed.xml", accept_encoding="gzip, br")
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed.body) == CONTENT
    assert pressed.headers["content-encoding"] == "br"
    assert brotli.decompress(pressed.body) == CONTENT
    assert len({answer.headers["etag"] for answer in (plain, packed, pressed)}) == 3


@pytest.mark.parametrize("coding", ["identity", "gzip", "br"])
def test_what_has_not_changed_is_not_sent_again(app: PublishedFiles, coding: str) -> None:
    first = ask(app, "/feed.xml", accept_encoding=coding)
    again = ask(app, "/feed.xml", accept_encoding=coding, if_none_match=first.headers["etag"])
    assert (again.status, again.body) == (304, b"")
    told = ("etag", "cache-control", "vary", "access-control-allow-origin")
    assert again.headers == {name: first.headers[name] for name in told}


def test_a_tag_of_another_coding_is_no_match(app: PublishedFiles) -> None:
    tag = ask(app, "/feed.xml", accept_encoding="gzip").headers["etag"]
    assert ask(app, "/feed.xml", accept_encoding="br", if_none_match=tag).status == 200


def test_head_says_the_same_without_the_body(app: PublishedFiles) -> None:
    for coding in ("identity", "gzip", "br"):
        got = ask(app, "/feed.xml", accept_encoding=coding)
        head = ask(app, "/feed.xml", "HEAD", accept_encoding=coding)
        assert (head.status, head.body, head.headers) == (200, b"", got.headers)


def test_tags_are_compared_weakly_and_in_lists(app: PublishedFiles) -> None:
    tag = ask(app, "/feed.xml").headers["etag"]
    for value in (f"W/{tag}", f'"a, b", {tag}', f'W/"x",W/{tag}', "*"):
        assert ask(app, "/feed.xml", if_none_match=value).status == 304
    for value in ('"other"', tag.strip('"'), "nonsense"):
        assert ask(app, "/feed.xml", if_none_match=value).status == 200


def test_a_date_counts_only_where_there_is_no_tag(app: PublishedFiles) -> None:
    same = "Wed, 15 Oct 2025 11:35:59 GMT"
    assert ask(app, "/feed.xml", if_modified_since=same).status == 304
    newer = "Thu, 16 Oct 2025 20:35:59 +0900"
    assert ask(app, "/feed.xml", if_modified_since=newer).status == 304
    older = "Wed, 15 Oct 2025 11:35:58 GMT"
    assert ask(app, "/feed.xml", if_modified_since=older).status == 200
    both = ask(app, "/feed.xml", if_modified_since=same, if_none_match='"other"')
    assert both.status == 200


@pytest.mark.parametrize(
    "value",
    ["", "yesterday", "Wed, 99 Oct 2025 11:35:59 GMT", "0", f"Wed, 15 Oct {'9' * 30} 1:1:1 1"],
)
def test_a_date_that_is_none_is_ignored(app: PublishedFiles, value: str) -> None:
    assert ask(app, "/feed.xml", if_modified_since=value).status == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "TRACE"])
def test_a_feed_can_only_be_read(app: PublishedFiles, method: str) -> None:
    answer = ask(app, "/feed.xml", method)
    assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD, OPTIONS")


def test_a_reader_in_a_browser_may_ask_conditionally(app: PublishedFiles) -> None:
    answer = ask(app, "/feed.xml", "OPTIONS", origin="https://reader.example")
    assert (answer.status, answer.body) == (204, b"")
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "If-None-Match" in answer.headers["access-control-allow-headers"]


def test_every_other_path_is_handed_on(app: PublishedFiles) -> None:
    for path in ("/", "//", "/feed.xml.gz", "/feed.xml/", "/tag/", "/../feed.xml", "/desk", ""):
        answer = ask(app, path)
        assert (answer.status, answer.body.decode()) == (404, path)


@pytest.mark.parametrize(
    ("path", "to"),
    [
        ("//feed.xml", "/feed.xml"),
        (
            "/tag///ガジェット/feed.xml",
            f"/{GADGET}",
        ),
        ("/FEED.XML", "/feed.xml"),
        ("/Tag/ガジェット/Feed.xml", f"/{GADGET}"),
    ],
)
def test_a_path_that_is_nearly_right_leads_to_the_right_one(
    app: PublishedFiles, path: str, to: str
) -> None:
    answer = ask(app, path)
    assert (answer.status, answer.headers["location"]) == (301, f"https://kawara.example{to}")


def test_a_moved_feed_leads_to_where_it_is_now(tmp_path: Path) -> None:
    settings = FeedSettings(
        moved=(
            ("/rss.xml", "https://new.example/feed.xml"),
            ("/古い/", "/tag/ガジェット/feed.xml"),
            ("/feed.xml", "/atom.xml"),
        )
    )
    shelf = fill(open_shelf(FeedPress(PUBLICATION, settings, tmp_path, False)), tmp_path)
    app = open_door(shelf)
    for path, to in (
        ("/rss.xml", "https://new.example/feed.xml"),
        ("//rss.xml", "https://new.example/feed.xml"),
        (
            "/古い/",
            f"http://localhost:8000/{GADGET}",
        ),
        ("/feed.xml", "http://localhost:8000/atom.xml"),
    ):
        for method in ("GET", "HEAD"):
            answer = ask(app, path, method)
            assert (answer.status, answer.body) == (301, b"")
            assert answer.headers["location"] == to
            assert "max-age" in answer.headers["cache-control"]


def test_a_removed_feed_is_gone_until_posts_come_again(tmp_path: Path) -> None:
    shelf = fill(Shelf(tmp_path), tmp_path, "tag/終わり/feed.xml")
    app = open_door(shelf)
    answer = ask(app, "/tag/終わり/feed.xml", accept_encoding="br")
    assert (answer.status, answer.body.decode()) == (410, "終わり\n")
    head = ask(app, "/tag/終わり/feed.xml", "HEAD")
    assert (head.status, head.body, head.headers) == (410, b"", answer.headers)
    shelf.refresh([put(tmp_path, "tag/終わり/feed.xml")])
    assert ask(app, "/tag/終わり/feed.xml").status == 200
    assert ask(app, "/feed.xml").status == 404


def test_a_removed_feed_whose_name_is_only_spelled_otherwise_leads_on(tmp_path: Path) -> None:
    shelf = fill(Shelf(tmp_path), tmp_path, "Feed.xml", "TAG/ガシ\u3099ェット/feed.xml")
    app = open_door(shelf)
    assert ask(app, "/Feed.xml").headers["location"] == "/feed.xml"
    assert ask(app, "/TAG/ガシ\u3099ェット/feed.xml").status == 301


def test_hubs_are_named_with_the_feeds_own_address(tmp_path: Path) -> None:
    signpost = Signpost("https://kawara.example", (HUB, "https://b.example/"))
    shelf = fill(Shelf(tmp_path, signpost), tmp_path)
    style = replace(put(tmp_path, "feed.css"), content_type="text/css; charset=utf-8")
    shelf.refresh([put(tmp_path, "tag/ガジェット/feed.xml"), style])
    answer = ask(open_door(shelf), "/tag/ガジェット/feed.xml")
    assert answer.headers["link"] == (
        f"<https://kawara.example/{GADGET}>; "
        'rel="self", <https://hub.example/?a=b>; rel="hub", <https://b.example/>; rel="hub"'
    )
    assert answer.headers["cache-control"] == "public, max-age=900, s-maxage=0"
    assert "link" not in ask(open_door(shelf), "/feed.css").headers


def test_what_an_aggregator_states_is_heard_with_the_feeds_own_path(shelf: Shelf) -> None:
    ears = Ears()
    app = PublishedFiles(shelf, say_not_mine, ears, "")
    agent = "Feedbin feed-id:1 - 3 subscribers"
    ask(app, "/tag/ガシ\u3099ェット/feed.xml", user_agent=agent)
    ask(app, "/elsewhere", user_agent=agent)
    ask(app, "/feed.xml", user_agent="Mozilla/5.0")
    assert ears.heard == [("tag/ガジェット/feed.xml", agent.encode())]


def test_a_part_is_not_offered_and_asked_for_in_vain(app: PublishedFiles) -> None:
    answer = ask(app, "/feed.xml", range="bytes=0-1", if_range='"x"')
    assert (answer.status, answer.body) == (200, CONTENT)
    assert not {"accept-ranges", "content-range"} & answer.headers.keys()


def test_headers_of_any_length_are_answered(app: PublishedFiles) -> None:
    tag = ask(app, "/feed.xml").headers["etag"]
    many = ", ".join(f'"{number:032x}"' for number in range(100_000))
    assert ask(app, "/feed.xml", if_none_match=f"{tag}, {many}").status == 304
    assert ask(app, "/feed.xml", if_none_match=many).status == 200
    assert ask(app, "/feed.xml", if_modified_since="x" * 1_000_000).status == 200
    assert ask(app, "/feed.xml", accept_encoding="br, " * 250_000).status == 200


def test_lists_that_come_in_parts_are_read_as_one(app: PublishedFiles) -> None:
    tag = ask(app, "/feed.xml", accept_encoding="gzip").headers["etag"]
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/feed.xml",
        "headers": [
            (b"if-none-match", b'"x"'),
            (b"accept-encoding", b"gzip"),
            (b"if-none-match", tag.encode()),
            (b"accept-encoding", b"br;q=0"),
        ],
    }
    assert run(app, scope).status == 304


def test_a_name_is_found_however_its_letters_are_composed(app: PublishedFiles) -> None:
    composed, decomposed = "/tag/ガジェット/feed.xml", "/tag/ガシ\u3099ェット/feed.xml"
    assert ask(app, composed).body == ask(app, decomposed).body == CONTENT


def test_no_answer_sets_a_cookie(app: PublishedFiles) -> None:
    for method in ("GET", "POST"):
        assert "set-cookie" not in ask(app, "/feed.xml", method).headers


@pytest.mark.parametrize(
    ("accepted", "chosen"),
    [
        ("", "identity"),
        ("gzip, deflate, br", "br"),
        ("gzip, deflate", "gzip"),
        ("br;q=0.5, gzip;q=0.8", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("br;q=0,gzip;q=0", "identity"),
        ("*", "br"),
        ("*;q=0.1, gzip", "gzip"),
        ("*;q=0", "identity"),
        ("identity;q=1, gzip;q=0.5", "identity"),
        ("gzip, identity", "gzip"),
        ("x-gzip", "gzip"),
        ("GZIP ; Q=1.0", "gzip"),
        ("gzip;q=nonsense", "identity"),
        ("deflate", "identity"),
        (",, ;q=1", "identity"),
    ],
)
def test_the_coding_is_the_one_the_client_likes_best(accepted: str, chosen: str) -> None:
    assert find_coding(accepted.encode()) == chosen


@given(st.binary(max_size=60), st.binary(max_size=60), st.binary(max_size=60))
def test_no_header_upsets_the_door(accepted: bytes, match: bytes, since: bytes) -> None:
    assert find_coding(accepted) in {"br", "gzip", "identity"}
    assert is_listed(b'"tag"', match) in {True, False}
    assert is_unchanged_since(CHANGED_AT, since) in {True, False}


def test_only_changed_files_are_read_again(shelf: Shelf, tmp_path: Path) -> None:
    kept = shelf.find("/feed.xml")
    other = put(tmp_path, "tag/ガジェット/feed.xml", b"new")
    row = PublishedFile("feed.xml", TYPE, hashlib.sha256(CONTENT).hexdigest(), CHANGED_AT)
    shelf.refresh([row, other])
    assert shelf.find("/feed.xml") is kept
    assert find_file(shelf, "/tag/ガジェット/feed.xml").read("identity") == b"new"


def test_a_change_of_type_or_time_alone_is_served(shelf: Shelf, tmp_path: Path) -> None:
    row = put(tmp_path, "feed.xml")
    later = replace(row, changed_at=CHANGED_AT + timedelta(hours=1), content_type="text/xml")
    shelf.refresh([later])
    file = find_file(shelf, "/feed.xml")
    assert (file.changed_at, file.content_type) == (later.changed_at, "text/xml")


def test_what_left_the_manifest_is_served_no_more(shelf: Shelf, tmp_path: Path) -> None:
    shelf.refresh([put(tmp_path, "feed.xml")])
    assert shelf.find("/tag/ガジェット/feed.xml") is None


def test_a_file_that_is_not_what_the_manifest_says_is_named_and_the_former_one_served(
    shelf: Shelf, tmp_path: Path
) -> None:
    wanted = replace(put(tmp_path, "feed.xml"), digest="0" * 64)
    absent = PublishedFile("atom.xml", TYPE, "0" * 64, CHANGED_AT)
    assert shelf.refresh([wanted, absent]) == ("feed.xml", "atom.xml")
    assert find_file(shelf, "/feed.xml").read("identity") == CONTENT
    assert shelf.find("/atom.xml") is None
    healed = put(tmp_path, "feed.xml", b"healed")
    assert shelf.refresh([replace(healed, changed_at=datetime(2025, 11, 1, tzinfo=UTC))]) == ()
    assert find_file(shelf, "/feed.xml").read("br") == brotli.compress(b"healed")
