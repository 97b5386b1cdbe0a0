from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from service.delivery.by_hand import ByHand, open_by_hand
from service.delivery.opening import open_each, open_slot
from service.delivery.press import Press
from service.editions.render import MailRenderer
from service.errors import NotAllowedError, UsageError
from service.model.edition import Edition, EditionState
from service.model.editor import COMMAND
from service.model.newsletter import Approval, Cadence, Newsletter
from service.model.publication import Publication
from service.providers.base import Capabilities
from service.store import editions, posts
from service.store.database import Database
from service.store.edition_posts import list_edition_candidates
from service.store.holds import hold_post
from service.store.news import open_newsletter
from tests.fakes.world import NOON, WEEKLY, add_news, add_readers, number_readers, wake_nobody
from tests.unit.delivery.conftest import SENDER

DAY = timedelta(days=1)
SLOT = datetime(2025, 10, 19, 23, tzinfo=UTC)
"""Monday the 20th, 08:00 in Tokyo."""


@pytest.fixture
def press(tmp_path: object) -> Press:
    publication = Publication(
        "試験新聞",
        "https://example.jp",
        "https://mail.example.jp",
        "",
        "ja",
        "Asia/Tokyo",
        "編集部",
    )
    return Press(
        publication=publication,
        sender=SENDER,
        newsletters={"weekly": WEEKLY},
        renderer=MailRenderer(tmp_path),  # type: ignore[arg-type]
        capabilities=Capabilities(10, 1_000_000, merges=True, same_key_for=None),
        account="fake",
        installation="inst",
        category_url=str,
        wake=wake_nobody,
    )


class Desk:
    def __init__(self, database: Database, press: Press) -> None:
        self.database = database
        self.press = press

    def open(
        self,
        now: datetime,
        newsletter: Newsletter = WEEKLY,
        cadence: Cadence = Cadence.WEEKLY,
    ) -> Edition | None:
        with self.database.writing() as connection:
            return open_slot(connection, self.press, newsletter, cadence, now)

    @property
    def written(self) -> list[tuple[str, str]]:
        with self.database.reading() as connection:
            return [(one.key, one.state.value) for one in editions.list_editions(connection)]


@pytest.fixture
def desk(database: Database, press: Press) -> Desk:
    with database.writing() as connection:
        open_newsletter(connection, "weekly", NOON)
    return Desk(database, press)


@pytest.fixture
def busy(desk: Desk) -> Desk:
    add_readers(desk.database, number_readers(1))
    add_news(desk.database, 1, 2)
    return desk


def read_posts(database: Database, edition: Edition | None) -> Sequence[int | None]:
    assert edition is not None
    with database.reading() as connection:
        found = list_edition_candidates(connection, edition.edition_id)
    return [one.news_no for one in found]


def test_no_slot_is_due_before_its_time(busy: Desk) -> None:
    assert busy.open(SLOT - timedelta(seconds=1)) is None


def test_a_due_slot_is_opened_once_with_all_the_news(busy: Desk) -> None:
    opened = busy.open(SLOT)
    assert opened is not None
    assert (opened.key, opened.state, opened.mark) == ("2025-10-20", EditionState.WAITING, 2)
    assert opened.approved_at == SLOT
    assert read_posts(busy.database, opened) == [1, 2]
    assert busy.open(SLOT) is None
    assert busy.open(SLOT + timedelta(hours=5)) is None


def test_a_newsletter_nobody_has_seen_yet_has_no_slots(database: Database, press: Press) -> None:
    assert Desk(database, press).open(SLOT) is None


def test_a_slot_without_news_is_empty(desk: Desk) -> None:
    opened = desk.open(SLOT)
    assert opened is not None
    assert opened.state is EditionState.EMPTY


def test_missed_slots_are_merged_into_the_latest(busy: Desk) -> None:
    opened = busy.open(SLOT + 14 * DAY + timedelta(hours=1))
    assert opened is not None
    assert busy.written == [
        ("2025-10-20", "merged"),
        ("2025-10-27", "merged"),
        ("2025-11-03", "waiting"),
    ]
    assert read_posts(busy.database, opened) == [1, 2]


def test_an_edition_long_overdue_waits_for_a_person(busy: Desk) -> None:
    on_time = busy.open(SLOT + DAY)
    assert on_time is not None
    assert on_time.state is EditionState.WAITING
    late = busy.open(SLOT + 7 * DAY + DAY + timedelta(seconds=1))
    assert late is not None
    assert late.state is EditionState.HELD
    assert late.reason.startswith("overdue")
    assert busy.written[0] == ("2025-10-20", "merged")


def test_a_clock_set_back_opens_nothing(busy: Desk) -> None:
    busy.open(SLOT)
    for days in range(1, 40):
        assert busy.open(SLOT - days * DAY) is None
    assert busy.written == [("2025-10-20", "waiting")]


def test_a_draft_is_made_ahead_when_somebody_is_to_look_at_it(busy: Desk) -> None:
    required = replace(WEEKLY, approval=Approval.REQUIRED, notice_for=timedelta(hours=2))
    assert busy.open(SLOT - timedelta(hours=3), required) is None
    draft = busy.open(SLOT - timedelta(hours=2), required)
    assert draft is not None
    assert draft.approved_at is None
    assert draft.freeze_at == SLOT
    assert busy.open(SLOT, required) is None


def test_each_piece_of_news_is_an_edition_of_its_own(busy: Desk) -> None:
    for expected in (2, 0):
        with busy.database.writing() as connection:
            assert len(open_each(connection, WEEKLY, NOON)) == expected
    assert [state for _, state in busy.written] == ["waiting", "waiting"]


def test_each_waits_for_a_person_when_it_is_long_overdue(busy: Desk) -> None:
    with busy.database.writing() as connection:
        opened = open_each(connection, WEEKLY, NOON + 2 * DAY)
    assert {one.state for one in opened} == {EditionState.HELD}


def test_by_hand_the_same_key_is_the_same_edition(busy: Desk) -> None:
    asked = ByHand("weekly", "k", posts=("1.md",))
    with busy.database.writing() as connection:
        first = open_by_hand(connection, busy.press, asked, NOON, by=COMMAND)
        second = open_by_hand(connection, busy.press, asked, NOON + DAY, by=COMMAND)
    assert first == second
    assert read_posts(busy.database, first) == [1]


def test_by_hand_says_what_it_cannot_send(busy: Desk) -> None:
    with busy.database.writing() as connection:
        for asked, error, words in (
            (ByHand("other", "k"), UsageError, "there is: weekly"),
            (ByHand("weekly", "k", posts=("x.md",)), UsageError, "no post 'x.md'"),
        ):
            with pytest.raises(error, match=words):
                open_by_hand(connection, busy.press, asked, NOON, by=COMMAND)
        post = posts.find_post(connection, "1.md")
        assert post is not None
        hold_post(connection, post.post_id, "no")
        with pytest.raises(NotAllowedError, match="release it first"):
            open_by_hand(
                connection, busy.press, ByHand("weekly", "k", posts=("1.md",)), NOON, by=COMMAND
            )


def test_by_hand_without_posts_or_words_there_is_nothing_to_send(desk: Desk) -> None:
    with desk.database.writing() as connection, pytest.raises(NotAllowedError, match="no news"):
        open_by_hand(connection, desk.press, ByHand("weekly", "k"), NOON, by=COMMAND)
