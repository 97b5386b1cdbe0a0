"""What hosts are told; tests/journeys asks a real nginx whether it understands."""

from __future__ import annotations

from dataclasses import replace

from service.model.feed import CustomFeed, FeedFormat, FeedKind, FeedSettings
from service.publishing import Hosted, render_header_files, render_nginx

from .test_publishing import PUBLICATION

SETTINGS = FeedSettings(
    hubs=("https://hub.example/",),
    by=(FeedKind.CATEGORY, FeedKind.TAG),
    custom=(CustomFeed('odd "name" $x;{}.xml', FeedFormat.RSS),),
    moved=(("/rss.xml", "/feed.xml"), ("/tag/gone/feed.xml", "https://pod.example/$1")),
)
HOSTED = Hosted(
    replace(PUBLICATION, service_url="https://kawara.example/news"),
    SETTINGS,
    paths=("feed.xml", "tag/生成 AI/feed.xml", "archive/2026-01.xml"),
    removed=frozenset({"tag/gone/feed.xml", "tag/old/feed.xml", "feed.xml"}),
    page_home="/",
    assets=(("/assets/kawaraban.css", "text/css; charset=utf-8"),),
)


def read_blocks(text: str) -> dict[str, list[str]]:
    """The lines below each first one, of files that are built of such blocks."""
    blocks = (block.splitlines() for block in text.split("\n\n"))
    return {block[0]: [line.strip(" ;") for line in block[1:]] for block in blocks if block}


def test_nginx_is_told_each_place_and_its_type_below_the_path_of_the_service() -> None:
    blocks = read_blocks(render_nginx(HOSTED).decode())
    feed = blocks['location = "/news/feed.xml" {']
    assert 'default_type "application/rss+xml; charset=utf-8"' in feed
    assert blocks['location ~ "^/news/tag/[^/]+/atom\\\\.xml$" {']
    assert blocks['location ~ "^/news/(?:index\\\\.html)?$" {']
    assert blocks['location = "/news/odd \\"name\\" $x;{}.xml" {']


def test_nginx_is_told_of_hubs_at_each_feed_and_not_in_the_archive() -> None:
    blocks = read_blocks(render_nginx(HOSTED).decode())
    tag = blocks['location = "/news/tag/生成 AI/feed.xml" {']
    assert any("/news/tag/%E7%94%9F%E6%88%90%20AI/feed.xml>; rel" in line for line in tag)
    assert not any("archive/2026" in first for first in blocks)
    without = replace(HOSTED, settings=replace(SETTINGS, hubs=()))
    assert "Link" not in render_nginx(without).decode()


def test_what_moved_is_not_gone_and_what_is_there_again_is_neither() -> None:
    blocks = read_blocks(render_nginx(HOSTED).decode())
    gone = [first for first, lines in blocks.items() if "return 410" in lines]
    assert gone == ['location = "/news/tag/old/feed.xml" {']
    moved = blocks['location = "/news/tag/gone/feed.xml" {']
    assert 'return 301 "https://pod.example/%241"' in moved


def test_hosts_with_header_files_are_told_by_pattern() -> None:
    headers, redirects = (file.content.decode() for file in render_header_files(HOSTED))
    blocks = read_blocks(headers)
    assert blocks["/news/category/:name/feed.json"][0] == (
        "Content-Type: application/feed+json; charset=utf-8"
    )
    assert "/news/odd%20%22name%22%20%24x%3B%7B%7D.xml" in blocks
    assert len(blocks) <= 100
    assert redirects.splitlines()[1:] == [
        "/news/rss.xml https://kawara.example/news/feed.xml 301",
        "/news/tag/gone/feed.xml https://pod.example/$1 301",
    ]


def test_without_pages_no_host_is_told_of_any() -> None:
    without = replace(HOSTED, page_home="", assets=())
    assert "index" not in render_nginx(without).decode()
    assert "/news/category/:name/\n" not in render_header_files(without)[0].content.decode()
