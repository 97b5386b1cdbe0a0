from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.web.returning import find_page, find_return, list_form_targets, mark_sent

from .conftest import PUBLICATION

SITE = "https://kawara.example"
HERE = "http://localhost:8000"


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (f"{SITE}/about/?a=1#form", f"{SITE}/about/?a=1#form"),
        (SITE, SITE),
        (f"{HERE}/", f"{HERE}/"),
        ("HTTPS://KAWARA.EXAMPLE:443/x", f"{SITE}/x"),
        (f"{SITE}/記事/", f"{SITE}/%E8%A8%98%E4%BA%8B/"),
        (f"{SITE}/%E8%A8%98/", f"{SITE}/%E8%A8%98/"),
        (f'{SITE}/"<b>', f"{SITE}/%22%3Cb%3E"),
        ("/thanks/", f"{SITE}/thanks/"),
    ],
)
def test_a_page_of_the_publication_is_returned_to(wanted: str, found: str) -> None:
    assert find_return(wanted, PUBLICATION) == found


@pytest.mark.parametrize(
    "wanted",
    [
        "",
        "thanks",
        "https://evil.example/",
        "http://kawara.example/",
        f"{SITE}:8443/",
        f"{SITE}.evil.example/",
        f"{SITE}./",
        f"{SITE}@evil.example/",
        "https://user@kawara.example/",
        "https://user:secret@kawara.example/",
        f"{SITE}%2f@evil.example/",
        f"{SITE}%2eevil.example/",
        f"{SITE}\\@evil.example/",
        f"{SITE}/\\evil.example/",
        f"{SITE}//evil.example/",
        f"{SITE}/a//b",
        f"{SITE}/%2Fevil.example",
        f"{SITE}/%5cevil.example",
        "//evil.example/",
        "/\\evil.example/",
        "/%2fevil.example/",
        "\\\\evil.example/",
        "https:kawara.example/",
        "https:/kawara.example/",
        "https:///kawara.example/",
        "javascript:alert(1)//https://kawara.example/",
        "data:text/html,x",
        "https://kawara。example/",
        "https://KAWARA.EXAMPLE.xn--q9jyb4c/",
        "https://\u212aawara.example/",
        f"{SITE}/\r\nX: y",
        f" {SITE}/",
        f"{SITE}/a b",
        f"{SITE}/\u200b",
        f"{SITE}/{'x' * 2000}",
        f"{SITE}:0443/",
        f"{SITE}:/",
    ],
)
def test_anything_else_is_not(wanted: str) -> None:
    assert find_return(wanted, PUBLICATION) == ""


SIGNS = tuple("/\\@:?#.%&=[] \t\u200b。／＼é")
WORDS = ("//", "%2f", "%5C", "%00", "https:", "http:", "javascript:", "user:pw@", "xn--")
HOSTS = ("kawara", "kawara.example", "evil.example", "localhost:8000")
PIECES = st.sampled_from(SIGNS + WORDS + HOSTS)


@given(st.lists(PIECES, max_size=8), st.sampled_from(["", "/", SITE, HERE, f"{SITE}/"]))
def test_whatever_is_written_leads_nowhere_else(pieces: list[str], start: str) -> None:
    found = find_return(start + "".join(pieces), PUBLICATION)
    if not found:
        return
    parts = urlsplit(found)
    assert f"{parts.scheme}://{parts.netloc}" in (SITE, HERE)
    assert found.isascii()
    assert "\\" not in found
    assert not parts.path.startswith("//")


def test_the_page_returned_to_is_told_unless_it_wants_something_else() -> None:
    assert mark_sent(f"{SITE}/a") == f"{SITE}/a#kawaraban-sent"
    assert mark_sent(f"{SITE}/a#b") == f"{SITE}/a#b"


@pytest.mark.parametrize(
    ("referer", "origin", "page"),
    [
        (f"{SITE}/a?secret=1#x", SITE, f"{SITE}/a"),
        ("", SITE, SITE),
        ("", "null", ""),
        ("https://friend.example/page", "https://friend.example", "https://friend.example"),
        ("javascript:x", "", ""),
    ],
)
def test_a_form_is_known_by_its_page_or_at_least_its_site(
    referer: str, origin: str, page: str
) -> None:
    assert find_page(referer, origin, PUBLICATION) == page


def test_a_policy_names_where_answers_may_lead() -> None:
    assert list_form_targets(PUBLICATION) == f"{HERE} {SITE}"
