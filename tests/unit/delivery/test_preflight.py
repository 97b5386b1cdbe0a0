from __future__ import annotations

import pytest

from service.delivery.preflight import check_edition, check_variant
from service.editions.preflight_words import say_flaw
from service.model.edition import Rendered
from service.model.publication import Publication
from service.words.catalogues import find_voice
from tests.fakes.world import describe_edition

PAPER = Publication(
    "試験新聞", "https://example.jp", "https://mail.example.jp", "", "ja", "Asia/Tokyo", ""
)
GOOD = '<p><a href="https://example.jp/a">A</a><img src="https://example.jp/a.png" alt="A"></p>'


def _codes(
    subject: str = "今週の十二件をお届けします", html: str = GOOD, glimpse: str = "…"
) -> set[str]:
    rendered = Rendered(subject, glimpse, html, "")
    return {flaw.code for flaw in check_variant(rendered, 1, PAPER)}


def test_a_mail_that_is_well_has_no_flaw() -> None:
    assert _codes() == set()


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1", "10.1.2.3", "[::1]", "nas.local"])
def test_links_that_only_the_house_can_follow_are_named(host: str) -> None:
    assert _codes(html=f'<a href="http://{host}/draft">x</a>') == {"private_link"}


def test_flaws_of_one_mail_are_named() -> None:
    assert _codes(subject="短い") == {"short_subject"}
    assert _codes(subject="長" * 40) == {"long_subject"}
    assert _codes(glimpse=" ") == {"no_preheader"}
    assert _codes(html='<img src="https://example.jp/a.png" alt="">') == {"no_alt"}
    assert _codes(html="あ" * 40_000) == {"too_large"}


def test_every_flaw_is_said_in_both_languages() -> None:
    values: dict[str, str | int] = {
        "what": "sender.name",
        "url": "http://localhost/",
        "bytes": 99_000,
        "most": 78,
        "columns": 3,
        "title": "題",
        "path": "a.md",
        "rule": "dead_link",
        "message": "a link is dead",
        "where": "intro",
        "marker": "TODO",
    }
    codes = ["obstacle", "no_readers", "private_service", "too_large", "short_subject", "marker"]
    codes += ["long_subject", "no_preheader", "no_alt", "private_link", "held_since", "gate"]
    for code in codes:
        said = [say_flaw(find_voice(language), code, values) for language in ("en", "ja")]
        assert said[0] != said[1]
        assert not any("{" in sentence for pair in said for sentence in pair)


def test_an_edition_for_nobody_on_a_machine_that_cannot_send_is_stopped() -> None:
    found = check_edition(
        describe_edition("2025-10-20", 1), (), PAPER, 0, ["sender.name: is missing"]
    )
    assert [(flaw.code, flaw.weight.value) for flaw in found] == [
        ("obstacle", "stop"),
        ("no_readers", "stop"),
    ]
