from __future__ import annotations

from datetime import UTC, datetime

from service.delivery.since_mailed import SinceMailed
from service.editions.changes import ChangeKind, compare_texts
from service.model.publication import Publication
from service.web.desk.changed_view import shorten, show_changed
from service.words.catalogues import find_voice

SITE = Publication("瓦版", "https://a.example", "https://a.example", "", "ja", "Asia/Tokyo", "")
VOICE = find_voice("en")


def compare(title: str, text: str) -> SinceMailed:
    return SinceMailed(
        7,
        datetime(2025, 10, 13, tzinfo=UTC),
        title=compare_texts("Title", title),
        summary=compare_texts("", ""),
        text=compare_texts("One. Two.", text),
    )


def test_only_the_parts_that_changed_are_shown() -> None:
    changed = show_changed(VOICE, SITE, compare("Title", "One. Three."))
    assert changed is not None
    assert [label for label, _ in changed.parts] == ["Text"]
    assert changed.says == "Mailed on October 13, 2025 09:00, in edition 7."


def test_nothing_is_shown_of_a_post_that_stands_as_it_was_mailed() -> None:
    assert show_changed(VOICE, SITE, compare("Title", "One. Two.")) is None
    assert show_changed(VOICE, SITE, None) is None


def test_of_a_long_text_only_what_is_beside_a_change_is_shown() -> None:
    kept = "".join(f"Line {number}.\n" for number in range(200))
    pieces = shorten(compare_texts(kept + "old\n" + kept, kept + "new\n" + kept))
    assert [kind for kind, _ in pieces][1:-1] == [ChangeKind.REMOVED, ChangeKind.ADDED]
    assert pieces[0][1].startswith(" … ")
    assert pieces[0][1].endswith("Line 199.\n")
    assert len(pieces[-1][1]) < 130
