from __future__ import annotations

import io
import os
import struct
from pathlib import Path

import pytest

from service.content.pictures import measure_picture
from service.content.site_files import UNKNOWN, Measures, SiteFiles

SITE = "https://a.example/blog"
PNG = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", 640, 480) + bytes(8)
JPEG = (
    b"\xff\xd8\xff\xe1\x00\x08Exif\x00\x00" + b"\xff\xdb\x00\x04\x00\x00"
    b"\xff\xc2\x00\x11\x08" + struct.pack(">HH", 480, 640) + bytes(20)
)


def webp(kind: bytes, rest: bytes) -> bytes:
    return b"RIFF\x00\x00\x00\x00WEBP" + kind + b"\x00\x00\x00\x00" + rest + bytes(20)


@pytest.mark.parametrize(
    "content",
    [
        PNG,
        JPEG,
        b"GIF89a" + struct.pack("<HH", 640, 480) + bytes(30),
        webp(b"VP8 ", b"\x00\x00\x00\x9d\x01\x2a" + struct.pack("<HH", 640, 480)),
        webp(b"VP8L", b"\x2f" + (639 | 479 << 14).to_bytes(4, "little")),
        webp(b"VP8X", bytes(4) + (639).to_bytes(3, "little") + (479).to_bytes(3, "little")),
    ],
)
def test_a_picture_says_how_large_it_is(content: bytes) -> None:
    assert measure_picture(io.BytesIO(content)) == (640, 480)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<svg/>",
        PNG[:20],
        PNG.replace(struct.pack(">I", 640), bytes(4)),
        b"\xff\xd8" + b"\xff\xe0\x00\x00" * 1_000,
        b"\xff\xd8\xff\xc0\x00",
        b"\xff\xd8 no segment at all, and then some more of it",
    ],
)
def test_what_is_damaged_has_no_size(content: bytes) -> None:
    assert measure_picture(io.BytesIO(content)) == (0, 0)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    root = tmp_path / "site"
    for name in ("img/日 本.png", "static/s.png", "content/posts/trip/bundle.png"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(PNG)
    (tmp_path / "secret.png").write_bytes(PNG)
    (root / "img" / "link.png").symlink_to(tmp_path / "secret.png")
    os.mkfifo(root / "img" / "pipe.png")
    return root


@pytest.mark.parametrize(
    "address",
    [
        f"{SITE}/img/%E6%97%A5%20%E6%9C%AC.png?v=1",
        f"{SITE}/s.png",
        f"{SITE}/posts/trip/bundle.png",
    ],
)
def test_the_file_behind_an_address_is_found_where_generators_take_it_from(
    site: Path, address: str
) -> None:
    files = SiteFiles(site / "content" / "posts", "content/posts/", SITE)
    measures = files.measure(address, "trip/index.md", f"{SITE}/posts/trip/")
    assert measures == Measures(len(PNG), 640, 480)


@pytest.mark.parametrize(
    "address",
    [
        "https://b.example/blog/s.png",
        f"{SITE}/absent.png",
        f"{SITE}/../secret.png",
        f"{SITE}/%2e%2e/secret.png",
        f"{SITE}//etc/passwd",
        f"{SITE}/img/link.png",
        f"{SITE}/img/pipe.png",
        f"{SITE}/img",
        f"{SITE}/a%00b.png",
        f"{SITE}/posts/trip/../../../../secret.png",
    ],
)
def test_nothing_is_looked_at_that_is_no_file_of_the_site(site: Path, address: str) -> None:
    files = SiteFiles(site / "content" / "posts", "content/posts/", SITE)
    assert files.measure(address, "trip/index.md", f"{SITE}/posts/trip/") == UNKNOWN
