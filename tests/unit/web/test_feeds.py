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

from service.model.feed import PublishedFile
from service.web.feeds import PublishedFiles, Shelf, choose_coding, is_unchanged

CONTENT = "<rss>瓦版</rss>".encode() * 50
CHANGED_AT = datetime(2025, 10, 15, 20, 35, 59, 123456, tzinfo=timezone(timedelta(hours=9)))
TYPE = "application/rss+xml; charset=utf-8"


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
    sent: list[MutableMapping[str, Any]] = []

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": method, "path": path, "headers": raw}
    asyncio.run(app(scope, receive, send))
    got = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return Answer(sent[0]["status"], got, sent[1]["body"])


async def say_not_mine(scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401
    await send({"type": "http.response.start", "status": 404, "headers": []})
    await send({"type": "http.response.body", "body": scope["path"].encode()})


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    shelf = Shelf(tmp_path)
    manifest = [put(tmp_path, "feed.xml"), put(tmp_path, "tag/ガジェット/feed.xml")]
    assert shelf.refresh(manifest) == ()
    return shelf


@pytest.fixture
def app(shelf: Shelf) -> PublishedFiles:
    return PublishedFiles(shelf, say_not_mine)


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
    kept = {"content-type", "etag", "last-modified", "cache-control", "vary"}
    assert again.headers == {name: first.headers[name] for name in kept}


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


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_a_feed_can_only_be_read(app: PublishedFiles, method: str) -> None:
    answer = ask(app, "/feed.xml", method)
    assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD")


def test_every_other_path_is_handed_on(app: PublishedFiles) -> None:
    for path in ("/", "/feed.xml.gz", "/feed.xml/", "/tag/", "/../feed.xml", "/desk"):
        answer = ask(app, path)
        assert (answer.status, answer.body.decode()) == (404, path)


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
    assert choose_coding(accepted) == chosen


@given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=60))
def test_no_header_upsets_the_door(accepted: str, match: str, since: str) -> None:
    assert choose_coding(accepted) in {"br", "gzip", "identity"}
    assert is_unchanged('"tag"', CHANGED_AT, match, since) in {True, False}


def test_only_changed_files_are_read_again(shelf: Shelf, tmp_path: Path) -> None:
    kept = shelf.find("/feed.xml")
    other = put(tmp_path, "tag/ガジェット/feed.xml", b"new")
    row = PublishedFile("feed.xml", TYPE, hashlib.sha256(CONTENT).hexdigest(), CHANGED_AT)
    shelf.refresh([row, other])
    assert shelf.find("/feed.xml") is kept
    changed = shelf.find("/tag/ガジェット/feed.xml")
    assert changed is not None
    assert changed.coded("identity").content == b"new"


def test_a_change_of_type_or_time_alone_is_served(shelf: Shelf, tmp_path: Path) -> None:
    row = put(tmp_path, "feed.xml")
    later = replace(row, changed_at=CHANGED_AT + timedelta(hours=1), content_type="text/xml")
    shelf.refresh([later])
    file = shelf.find("/feed.xml")
    assert file is not None
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
    former = shelf.find("/feed.xml")
    assert former is not None
    assert former.coded("identity").content == CONTENT
    assert shelf.find("/atom.xml") is None
    healed = put(tmp_path, "feed.xml", b"healed")
    assert shelf.refresh([replace(healed, changed_at=datetime(2025, 11, 1, tzinfo=UTC))]) == ()
    file = shelf.find("/feed.xml")
    assert file is not None
    assert file.coded("br").content == brotli.compress(b"healed")
