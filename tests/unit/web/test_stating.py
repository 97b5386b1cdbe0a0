from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.store.database import Database
from service.store.stated_readers import list_stated_readers, record_stated_readers
from service.web.stating import Statements, read_statement

from .conftest import NOW


@pytest.mark.parametrize(
    ("agent", "stated"),
    [
        (
            "Feedly/1.0 (+http://www.feedly.com/fetcher.html; 16 subscribers; like FeedFetcher)",
            ("Feedly", 16),
        ),
        ("Feedbin feed-id:1373711 - 142 subscribers", ("Feedbin", 142)),
        ("Feedbin feed-id:12345 - 1 subscriber", ("Feedbin", 1)),
        (
            "Inoreader/1.0 (+http://inoreader.com; 10 subscribers; )",
            ("Inoreader", 10),
        ),
        (
            "NewsBlur Feed Fetcher - 54 subscribers - http://newsblur.com/1",
            ("NewsBlur", 54),
        ),
        (
            "Mozilla/5.0 (compatible; theoldreader.com; 7 subscribers; feed-id=5a1)",
            ("The Old Reader", 7),
        ),
        ("BazQux/2.4 (+https://bazqux.com/fetcher; 0 subscribers)", ("BazQux", 0)),
        (
            "Feed Wrangler/1.0 (3 subscribers; feed-id=9)",
            ("Feed Wrangler", 3),
        ),
        ("Somebody/1.0 (12 subscribers)", None),
        ("Mozilla/5.0 (Windows; Feedly; 12 subscribers)", None),
        ("NotFeedly/1.0 (12 subscribers)", None),
        ("Feedlyish/1.0 (12 subscribers)", None),
        ("Feedly/1.0 (12345678 subscribers)", None),
        ("Feedly/1.0 (-5 subscribers)", None),
        ("Feedly/1.0 (5 subscribersome)", None),
        ("Feedly/1.0 subscribers", None),
        (f"Feedly/1.0 ({'x' * 500} 5 subscribers)", None),
    ],
)
def test_only_the_forms_of_known_aggregators_are_a_statement(
    agent: str, stated: tuple[str, int] | None
) -> None:
    assert read_statement(agent.encode()) == stated


@given(st.binary(max_size=300))
def test_no_agent_upsets_the_reading_of_it(agent: bytes) -> None:
    read_statement(agent)
    read_statement(b"Feedly " + agent + b" 5 subscribers")


def test_the_newest_word_on_each_feed_is_kept_for_a_month(sqlite: Database) -> None:
    statements = Statements(sqlite, lambda: NOW)
    statements.hear("feed.xml", b"Feedly/1.0 (x; 15 subscribers)")
    statements.hear("feed.xml", b"Feedly/1.0 (x; 16 subscribers)")
    statements.hear("feed.xml", b"Feedbin feed-id:1 - 3 subscribers")
    statements.hear("atom.xml", b"anything (5 subscribers)")
    statements.write()
    with sqlite.writing() as connection:
        stated = list_stated_readers(connection, NOW)
        assert [(one.path, one.aggregator, one.readers) for one in stated] == [
            ("feed.xml", "Feedly", 16),
            ("feed.xml", "Feedbin", 3),
        ]
        later = NOW + timedelta(hours=1)
        said = {("feed.xml", "Feedly"): 16, ("feed.xml", "Feedbin"): 4}
        assert record_stated_readers(connection, said, later) == 1
        month = NOW + timedelta(days=30, minutes=1)
        assert [one.aggregator for one in list_stated_readers(connection, month)] == ["Feedbin"]
        record_stated_readers(connection, {}, month)
        assert len(list_stated_readers(connection, NOW)) == 1


def test_nothing_heard_is_nothing_written(sqlite: Database) -> None:
    statements = Statements(sqlite, lambda: NOW)
    statements.write()
    statements.write()
    with sqlite.reading() as connection:
        assert list_stated_readers(connection, NOW) == []
