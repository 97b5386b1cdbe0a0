"""A built folder under a real nginx, with nothing but what the build wrote for it."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path

import brotli
import httpx
import pytest

from tests.fakes.nginx import BROTLI, run_nginx
from tests.fakes.small_site import CONFIG, Site

BATHS = "/tag/%E9%8A%AD%E6%B9%AF/"

MORE = """
[service]
url = "https://feeds.suzuri.example"
public = "built"

[feeds]
hubs = ["https://hub.example/"]

[[feeds.custom]]
path = "feeds/baths and more.xml"
tag = "銭湯"

[feeds.moved]
"/古い/rss.xml" = "/feed.xml"
"/pod.xml" = "https://podcast.example/?a=$1"
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A publication built from its database, in which a tag came to its end."""
    site = Site(tmp_path_factory.mktemp("hosted"))
    site.config.write_text(CONFIG + MORE, encoding="utf-8")
    for day in range(1, 4):
        site.write_post(f"第{day}話", f"2026-01-0{day}", "湯。\n" * 50, "tags: [銭湯]\n")
    site.write_post("川", "2026-01-04", more="tags: [川]\n")
    site.fine("migrate")
    site.fine("build")
    (site.posts / "川.md").unlink()
    site.fine("build", "--host", "nginx")
    return site


@pytest.fixture(scope="module")
def client(built: Site) -> Iterator[httpx.Client]:
    snippet = built.folder / "built.nginx.conf"
    own = built.folder / "nginx"
    with (
        run_nginx(own, built.folder / "built", snippet) as url,
        httpx.Client(base_url=url, trust_env=False) as client,
    ):
        yield client


def ask(client: httpx.Client, path: str, **headers: str) -> httpx.Response:
    plain = {"Accept-Encoding": "identity"}
    return client.get(path, headers={**plain, **{k.replace("_", "-"): headers[k] for k in headers}})


@pytest.mark.parametrize(
    ("path", "content_type"),
    [
        ("/feed.xml", "application/rss+xml; charset=utf-8"),
        ("/atom.xml", "application/atom+xml; charset=utf-8"),
        ("/feed.json", "application/feed+json; charset=utf-8"),
        (f"{BATHS}feed.json", "application/feed+json; charset=utf-8"),
        ("/feeds/baths%20and%20more.xml", "application/rss+xml; charset=utf-8"),
        ("/archive/2026-01.xml", "application/atom+xml; charset=utf-8"),
        ("/feeds.opml", "text/x-opml; charset=utf-8"),
        ("/", "text/html; charset=utf-8"),
        (BATHS, "text/html; charset=utf-8"),
        ("/custom/feeds/baths%20and%20more.xml/", "text/html; charset=utf-8"),
        ("/assets/kawaraban.css", "text/css; charset=utf-8"),
        ("/assets/kawaraban.js", "text/javascript; charset=utf-8"),
    ],
)
def test_every_file_has_its_type_its_freshness_and_a_304(
    client: httpx.Client, path: str, content_type: str
) -> None:
    answer = ask(client, path)
    assert (answer.status_code, answer.headers["content-type"]) == (200, content_type)
    assert answer.headers["cache-control"].startswith("public, max-age=")
    assert answer.headers["vary"] == "Accept-Encoding"
    again = ask(client, path, If_None_Match=answer.headers["etag"])
    assert (again.status_code, again.content) == (304, b"")


def test_what_was_compressed_by_the_build_is_what_leaves(client: httpx.Client, built: Site) -> None:
    plain = (built.folder / "built" / "feed.xml").read_bytes()
    with client.stream("GET", "/feed.xml", headers={"Accept-Encoding": "gzip"}) as answer:
        packed = b"".join(answer.iter_raw())
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["content-type"] == "application/rss+xml; charset=utf-8"
    assert packed == (built.folder / "built" / "feed.xml.gz").read_bytes()
    assert gzip.decompress(packed) == plain == ask(client, "/feed.xml").content


@pytest.mark.skipif(not BROTLI.exists(), reason="this nginx has no module ngx_brotli")
def test_brotli_is_handed_out_where_nginx_can(client: httpx.Client) -> None:
    with client.stream("GET", "/feed.xml", headers={"Accept-Encoding": "br"}) as answer:
        pressed = b"".join(answer.iter_raw())
    assert answer.headers["content-encoding"] == "br"
    assert brotli.decompress(pressed) == ask(client, "/feed.xml").content


@pytest.mark.parametrize("path", ["/feed.xml", f"{BATHS}atom.xml", "/feeds/baths%20and%20more.xml"])
def test_a_feed_names_its_hub_and_itself_in_a_header(client: httpx.Client, path: str) -> None:
    link = ask(client, path).headers["link"]
    assert link == (
        f'<https://feeds.suzuri.example{path}>; rel="self", <https://hub.example/>; rel="hub"'
    )
    assert "link" not in ask(client, "/archive/2026-01.xml").headers


def test_what_moved_leads_on_and_what_ended_says_so(client: httpx.Client) -> None:
    moved = ask(client, "/%E5%8F%A4%E3%81%84/rss.xml")
    assert (moved.status_code, moved.headers["location"]) == (
        301,
        "https://feeds.suzuri.example/feed.xml",
    )
    assert ask(client, "/pod.xml").headers["location"] == "https://podcast.example/?a=%241"
    assert ask(client, "/tag/%E5%B7%9D/feed.xml").status_code == 410
    assert ask(client, "/tag/%E5%B7%9D/").status_code == 404
    assert ask(client, "/.kawaraban-pages.json").status_code == 404


def test_a_build_of_the_same_posts_writes_nothing_anew(built: Site) -> None:
    def read() -> dict[Path, tuple[bytes, int]]:
        files = [path for path in (built.folder / "built").rglob("*") if path.is_file()]
        files.append(built.folder / "built.nginx.conf")
        assert len(files) > 30
        return {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in files}

    before = read()
    built.fine("build", "--host", "nginx")
    assert read() == before
