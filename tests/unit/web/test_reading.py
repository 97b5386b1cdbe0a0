from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from service.web.reading import find_media

from .conftest import PUBLICATION, Browser, Furnish, House

PICTURE = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def content(tmp_path: Path) -> Path:
    root = tmp_path / "content"
    (root / "assets").mkdir(parents=True)
    (root / ".git").mkdir()
    for name in ("assets/a.png", "assets/坂.PNG", ".git/b.png", "assets/.c.png", "../out.png"):
        (root / name).write_bytes(PICTURE)
    (root / "assets/d.svg").write_text("<svg/>")
    (root / "post.md").write_text("secret draft")
    (root / "assets/link.png").symlink_to(tmp_path / "out.png")
    (root / "assets/post.png").symlink_to(root / "post.md")
    return root


@pytest.fixture
def own_site(furnish: Furnish, content: Path) -> Iterator[Browser]:
    """A publication whose posts live at the service's own address."""
    house = furnish(content=content)
    with house.parts.database.writing() as connection:
        connection.exec_driver_sql(
            "UPDATE posts SET url = 'http://localhost:8000/2025/%E4%B8%80枚目/' WHERE post_id = 1"
        )
    publication = replace(PUBLICATION, url="http://localhost:8000")
    parts = replace(house.parts, feeds=replace(house.parts.feeds, publication=publication))
    with House(parts).open() as client:
        yield client


def test_posts_are_read_here_where_the_publication_has_no_other_site(own_site: Browser) -> None:
    page = own_site.get("/2025/一枚目/")
    assert page.status_code == 200
    assert "<p>2025-10-13-first.md</p>" in page.text
    assert "葛飾 北斎" in page.text
    assert 'href="/category/' in page.text


@pytest.mark.parametrize("path", ["/2025/二枚目/", "/2025/10/30/later/", "/2025", "/post.md"])
def test_what_is_no_published_post_is_not_read_here(own_site: Browser, path: str) -> None:
    assert own_site.get(path).status_code == 404


def test_no_post_is_read_here_where_the_publication_has_its_own_site(client: Browser) -> None:
    assert client.get("/2025/10/13/first/").status_code == 404


def test_a_picture_beside_the_posts_is_shown(own_site: Browser) -> None:
    answer = own_site.get("/assets/a.png")
    assert (answer.status_code, answer.content) == (200, PICTURE)
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert own_site.get("/assets/坂.PNG").status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        ".git/b.png",
        "assets/.c.png",
        "assets/d.svg",
        "assets/none.png",
        "assets/link.png",
        "assets",
        "post.md",
        "../out.png",
        "assets/../../out.png",
        "/etc/passwd.png",
        "a\x00.png",
        "a" * 5000 + ".png",
    ],
)
def test_nothing_hidden_active_or_outside_is_shown(content: Path, path: str) -> None:
    assert find_media(content, path) is None


def test_a_link_inside_is_judged_by_what_it_leads_to(content: Path) -> None:
    assert find_media(content, "assets/post.png") is None
