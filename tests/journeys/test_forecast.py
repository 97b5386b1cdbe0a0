from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from service.delivery.agenda import Due, list_due
from service.delivery.by_hand import ByHand
from service.delivery.explaining import Standing, explain_reader
from service.delivery.forecast import Outlook, forecast, forecast_by_hand
from service.errors import NotAllowedError
from service.model.edition import EditionState
from service.model.editor import COMMAND
from service.model.newsletter import Cadence
from service.model.post import Post
from service.sending import send_by_hand
from service.store.holds import hold_post
from service.store.posts import find_post
from service.store.variants import list_variants
from tests.fakes.house import MONDAY, WEEKLY, House

NEXT = MONDAY + timedelta(days=7)
TUESDAY, SUNDAY = MONDAY + timedelta(days=1), NEXT - timedelta(hours=20)
LISTS = 'topics = ["銭湯"]\nmax_posts = 2\ngroup_by = "none"\n'


@pytest.fixture
def house(migrated_file: Path, tmp_path: Path) -> Iterator[House]:
    """Readers who joined after the first scan, and a week without any post yet."""
    built = _make_house(migrated_file, tmp_path, WEEKLY + LISTS)
    built.add_readers("hana@example.jp", "ken@example.jp")
    built.add_readers("mio@example.jp", topics=("銭湯",))
    yield built
    built.app.close()


def _make_house(migrated: Path, folder: Path, newsletter: str) -> House:
    (folder / "var").mkdir()
    shutil.copyfile(migrated, folder / "var" / "kawaraban.db")
    house = House(folder, newsletter)
    house.tick(MONDAY)
    return house


def _forecast(house: House, now: datetime) -> list[Outlook]:
    works = house.app.works
    return forecast(works.database, works.press, now, works.press.newsletters.values())


def _list_due(house: House, now: datetime, exact_up_to: int = 9) -> list[Due]:
    works = house.app.works
    newsletters = works.press.newsletters.values()
    with works.database.reading() as connection:
        return list_due(connection, works.press, newsletters, now, exact_up_to=exact_up_to)


def _explain(house: House, address: str, now: datetime) -> Standing:
    works = house.app.works
    return explain_reader(works.database, works.press, address, now)[0]


def _why(standing: Standing) -> dict[str, str]:
    return {one.post.path.removesuffix(".md"): one.why for one in standing.answers}


def _find(house: House, name: str) -> Post:
    with house.app.works.database.reading() as connection:
        post = find_post(connection, name)
    assert post is not None
    return post


def _dump(house: House) -> list[str]:
    connection = sqlite3.connect(house.site / "var" / "kawaraban.db")
    try:
        return list(connection.iterdump())
    finally:
        connection.close()


def test_the_next_slot_is_foretold_without_any_news(house: House) -> None:
    (outlook,) = _forecast(house, TUESDAY)
    assert outlook.prospect.edition.key == "2025-10-20"
    assert outlook.prospect.edition.freeze_at == NEXT
    assert [(share.readers, share.skipped) for share in outlook.shares] == [(3, "nothing new")]


def test_what_is_foretold_is_what_the_freeze_does(house: House) -> None:
    for day, name in enumerate(("ichi", "ni", "san"), start=1):
        house.write(name, MONDAY + timedelta(days=day), front="tags: [銭湯]\n" * (day == 1))
    house.tick(MONDAY + timedelta(days=4))

    (outlook,) = _forecast(house, SUNDAY)
    foretold = {
        tuple(post.post_id for post in share.selection.posts): (share.readers, share.subject)
        for share in outlook.shares
    }
    house.tick(NEXT)

    edition = house.list_editions()[-1]
    with house.app.works.database.reading() as connection:
        variants = list_variants(connection, edition.edition_id)
    assert {variant.post_ids: variant.rendered.subject for variant in variants} == {
        posts: subject for posts, (_, subject) in foretold.items()
    }
    assert sorted(readers for readers, _ in foretold.values()) == [1, 2]
    assert house.count(edition).frozen == 3


def test_more_than_fits_is_counted_as_in_the_mail(house: House) -> None:
    for name in ("ichi", "ni", "san"):
        house.write(name, TUESDAY)
    house.tick(TUESDAY + timedelta(hours=1))
    (outlook,) = _forecast(house, SUNDAY)
    assert [(len(s.selection.posts), s.selection.more_count) for s in outlook.shares] == [
        (2, 1),
        (0, 0),
    ]


def test_a_post_scheduled_before_the_slot_is_foretold(house: House) -> None:
    house.write("ashita", SUNDAY)
    house.tick(TUESDAY)
    (outlook,) = _forecast(house, TUESDAY)
    assert [one.post.path for one in outlook.prospect.candidates] == ["ashita.md"]


def test_a_forecast_writes_nothing(house: House) -> None:
    house.write("ichi", TUESDAY)
    house.tick(TUESDAY)
    before = _dump(house)
    _forecast(house, SUNDAY)
    _explain(house, "hana@example.jp", SUNDAY)
    asked = ByHand("weekly", "k", posts=("ichi.md",))
    forecast_by_hand(house.app.works.database, house.app.works.press, asked, SUNDAY)
    assert _dump(house) == before


def test_after_the_slot_was_served_the_next_one_is_foretold(house: House) -> None:
    house.write("ichi", TUESDAY)
    house.tick(TUESDAY + timedelta(hours=1))
    house.tick(NEXT)
    (outlook,) = _forecast(house, NEXT)
    assert outlook.prospect.edition.key == "2025-10-27"
    assert outlook.prospect.candidates == ()


def test_a_missed_slot_with_news_is_foretold_as_due_now(house: House) -> None:
    house.write("ichi", TUESDAY)
    house.tick(TUESDAY + timedelta(hours=1))
    (late,) = _forecast(house, NEXT + timedelta(hours=3))
    (overdue,) = _forecast(house, NEXT + timedelta(days=2))
    assert (late.prospect.edition.key, late.prospect.note) == ("2025-10-20", "")
    assert overdue.prospect.note == "overdue: it would be held for a person"


def test_what_an_overdue_edition_holds_is_foretold_whole(house: House) -> None:
    house.write("ichi", TUESDAY)
    house.tick(TUESDAY + timedelta(hours=1))
    house.write("ato", NEXT + timedelta(days=1))
    house.tick(NEXT + timedelta(days=3))
    (outlook,) = _forecast(house, NEXT + timedelta(days=3))
    assert outlook.prospect.edition.edition_id > 0
    paths = [one.post.path for one in outlook.prospect.candidates]
    assert sorted(paths) == ["ato.md", "ichi.md"]


def test_a_reader_learns_why_each_post_comes_or_does_not(house: House) -> None:
    house.write("yu", TUESDAY, front="tags: [銭湯]\n")
    house.write("hashi", TUESDAY)
    house.write("himitsu", TUESDAY, front="mail: false\n")
    house.write("warui", TUESDAY, title="これは\ufffd")
    house.tick(TUESDAY + timedelta(hours=1))
    house.write("atarashii", SUNDAY)
    house.tick(SUNDAY)

    standing = _explain(house, "mio@example.jp", SUNDAY)
    assert standing.at == NEXT
    why = _why(standing)
    assert why["yu"] == "in the mail"
    assert why["hashi"] == "not among the chosen topics"
    assert why["himitsu"].startswith("marked as not for mail")
    assert why["warui"].startswith("held: gate")
    assert why["atarashii"] == "not among the chosen topics"


def test_a_reader_learns_what_they_had_already(house: House) -> None:
    house.write("ichi", TUESDAY)
    house.tick(TUESDAY + timedelta(hours=1))
    house.tick(NEXT)
    standing = _explain(house, "hana@example.jp", NEXT + timedelta(hours=1))
    assert standing.at is None
    assert _why(standing)["ichi"].startswith("was in edition 1 (2025-10-20)")
    house.add_readers("later@example.jp")
    late = _explain(house, "later@example.jp", NEXT + timedelta(hours=1))
    assert _why(late)["ichi"].startswith("was news before")


def test_what_came_after_the_draft_is_for_a_later_edition(
    migrated_file: Path, tmp_path: Path
) -> None:
    house = _make_house(migrated_file, tmp_path, WEEKLY + 'approval = "notice"\nnotice = "1d"\n')
    house.add_readers("hana@example.jp")
    house.write("ichi", TUESDAY)
    house.tick(SUNDAY)
    house.write("ato", SUNDAY)
    for minutes in (1, 20):
        house.tick(SUNDAY + timedelta(minutes=minutes))
    why = _why(_explain(house, "hana@example.jp", SUNDAY + timedelta(hours=1)))
    assert (why["ichi"], why["ato"]) == ("in the mail", "news, for a later edition")
    with house.app.works.database.writing() as connection:
        hold_post(connection, _find(house, "ato.md").post_id, "wait")
    why = _why(_explain(house, "hana@example.jp", SUNDAY + timedelta(hours=1)))
    assert why["ato"].startswith("may not be mailed any more")
    house.app.close()


def test_nobody_is_explained_who_is_no_reader(house: House) -> None:
    with pytest.raises(NotAllowedError, match="no reader with this address"):
        _explain(house, "nobody@example.jp", MONDAY)


def test_an_edition_by_hand_leaves_out_who_has_all_of_it(house: House) -> None:
    house.write("ichi", TUESDAY)
    house.tick(TUESDAY + timedelta(hours=1))
    works = house.app.works
    asked = ByHand("weekly", "one", posts=("ichi.md",))
    first = forecast_by_hand(works.database, works.press, asked, SUNDAY)
    assert [(s.readers, s.skipped) for s in first.shares[Cadence.WEEKLY]] == [
        (2, ""),
        (1, "no chosen topic"),
    ]
    send_by_hand(works.database, works.press, asked, SUNDAY, by=COMMAND)

    again = ByHand("weekly", "two", posts=("ichi.md",))
    second = forecast_by_hand(works.database, works.press, again, SUNDAY)
    assert [(s.readers, s.skipped) for s in second.shares[Cadence.WEEKLY]] == [
        (2, "has all the posts"),
        (1, "no chosen topic"),
    ]
    known = forecast_by_hand(works.database, works.press, asked, SUNDAY).known
    assert known is not None
    assert known.state is EditionState.FROZEN


def test_each_post_is_foretold_when_it_has_settled(migrated_file: Path, tmp_path: Path) -> None:
    house = _make_house(migrated_file, tmp_path, 'cadences = ["each"]\nsettle = "10m"\n')
    house.add_readers("hana@example.jp")
    assert _forecast(house, MONDAY) == []
    house.clock.now = MONDAY + timedelta(minutes=1)
    house.write("ichi", house.clock.now)
    house.tick(house.clock.now)
    (outlook,) = _forecast(house, MONDAY + timedelta(minutes=2))
    assert outlook.prospect.edition.freeze_at == MONDAY + timedelta(minutes=11)
    assert [share.readers for share in outlook.shares] == [1]
    with house.app.works.database.writing() as connection:
        hold_post(connection, _find(house, "ichi.md").post_id, "wait")
    assert _forecast(house, MONDAY + timedelta(minutes=2)) == []
    house.app.close()


def test_the_agenda_counts_as_the_forecast_does_and_many_only_roughly(house: House) -> None:
    house.clock.now = TUESDAY
    house.write("bath", TUESDAY, front="tags: [銭湯]\n")
    house.tick(SUNDAY)
    (outlook,) = _forecast(house, SUNDAY)
    (due,) = _list_due(house, SUNDAY)
    assert due.prospect == outlook.prospect
    assert (due.readers, due.is_exact) == (sum(one.readers for one in outlook.shares), True)
    (roughly,) = _list_due(house, SUNDAY, exact_up_to=2)
    assert (roughly.readers, roughly.is_exact) == (3, False)
