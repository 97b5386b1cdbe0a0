from __future__ import annotations

import contextlib
import random
import shutil
import threading
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError

from service.delivery.arranging import Reason
from service.delivery.by_hand import ByHand
from service.delivery.preview import preview_edition
from service.delivery.previewed import Preview
from service.delivery.rehearsal import rehearse_edition
from service.delivery.since_mailed import diff_since_mailed
from service.engine.works import freeze_between_passes
from service.errors import ChangedError, KawarabanError, NotAllowedError, UsageError
from service.model.arrangement import AddPost, Change, LeaveOut, Reorder, SetWords, TakeBack
from service.model.edition import Edition, EditionState
from service.model.editor import COMMAND, Actor, ActorKind
from service.sending import (
    add_correction,
    approve_edition,
    arrange_edition,
    cancel_edition,
    hold_edition,
    make_by_hand,
    pause_edition,
    resume_edition,
    schedule_edition,
    send_edition_now,
    withdraw_correction,
)
from service.store.corrections import list_corrections
from service.store.edition_posts import list_edition_candidates
from service.store.editions import find_edition
from service.store.holds import hold_post
from service.store.posts import find_post
from service.store.variants import list_variants
from tests.fakes.house import MONDAY, WEEKLY, House

DAY, WEEK = timedelta(days=1), timedelta(days=7)
NEXT = MONDAY + WEEK
LOOK = NEXT - timedelta(hours=2)
DESK = 'approval = "notice"\nnotice = "3h"\nmax_posts = 3\ngroup_by = "none"\ntopics = ["銭湯"]\n'


@pytest.fixture
def house(migrated_file: Path, tmp_path: Path) -> Iterator[House]:
    """A week with four posts, and its draft two hours before it leaves."""
    (tmp_path / "var").mkdir()
    shutil.copyfile(migrated_file, tmp_path / "var" / "kawaraban.db")
    built = House(tmp_path, WEEKLY + DESK)
    built.write("mukashi", MONDAY - 30 * DAY)
    built.tick(MONDAY)
    built.add_readers("hana@example.jp", "ken@example.jp")
    built.add_readers("mio@example.jp", topics=("銭湯",))
    for day, name in enumerate(("ichi", "ni", "san", "yon"), start=1):
        built.write(name, MONDAY + day * DAY, front="tags: [銭湯]\n" * (name == "ichi"))
    built.tick(MONDAY + 5 * DAY)
    built.tick(LOOK)
    yield built
    built.app.close()


def _find(house: House) -> Edition:
    return house.list_editions()[-1]


def _arrange(house: House, change: Change) -> Edition:
    edition, works = _find(house), house.app.works
    return arrange_edition(
        works.database, works.press, edition.edition_id, edition.revision, change, LOOK, by=COMMAND
    )


def _preview(house: House, edition: Edition | None = None) -> Preview:
    works, number = house.app.works, (edition or _find(house)).edition_id
    return preview_edition(works.database, works.press, number, house.clock.now)


def _ids(house: House, *names: str) -> tuple[int, ...]:
    return tuple(house.find_post_id(name) for name in names)


def _send(house: House, revision: int, typed: int) -> Edition:
    works, number = house.app.works, _find(house).edition_id
    return send_edition_now(works.database, works.press, number, revision, typed, LOOK, by=COMMAND)


def test_an_editors_order_decides_who_gets_a_place_and_where(house: House) -> None:
    _arrange(house, Reorder(_ids(house, "ichi", "ni")))
    house.tick(NEXT)
    assert house.read_posts("hana@example.jp")[:3] == ["ichi", "ni", "yon"]
    assert "san" not in house.read_posts("hana@example.jp")


def test_what_is_left_out_comes_neither_now_nor_later(house: House) -> None:
    _arrange(house, LeaveOut(house.find_post_id("yon")))
    reasons = {one.post.path: one.reason for one in _preview(house).posts}
    assert reasons["yon.md"] is Reason.LEFT_OUT
    house.tick(NEXT)
    assert house.read_posts("hana@example.jp") == ["san", "ni", "ichi"]
    assert "ほか" not in str(house.list_mail()[0].get_body(("plain",)))
    house.write("go", NEXT + DAY)
    house.tick(NEXT + 2 * DAY)
    house.tick(NEXT + WEEK)
    assert house.read_posts("hana@example.jp") == ["san", "ni", "ichi", "go"]


def test_what_was_left_out_can_be_taken_back(house: House) -> None:
    _arrange(house, LeaveOut(house.find_post_id("yon")))
    _arrange(house, TakeBack(house.find_post_id("yon")))
    house.tick(NEXT)
    assert house.read_posts("hana@example.jp")[0] == "yon"


def test_an_added_post_reaches_who_never_had_it_and_nobody_twice(house: House) -> None:
    _arrange(house, AddPost("mukashi.md"))
    house.tick(NEXT)
    assert "mukashi" in house.read_posts("hana@example.jp")
    assert house.read_posts("mio@example.jp") == ["ichi"]

    house.add_readers("new@example.jp")
    house.write("go", NEXT + DAY)
    house.tick(NEXT + 2 * DAY)
    house.tick(NEXT + WEEK - timedelta(hours=2))
    _arrange(house, AddPost("mukashi.md"))
    house.tick(NEXT + WEEK)
    assert house.read_posts("hana@example.jp").count("mukashi") == 1
    assert sorted(house.read_posts("new@example.jp")) == ["go", "mukashi"]


def test_news_that_was_added_before_its_turn_does_not_come_again(house: House) -> None:
    house.write("go", LOOK - timedelta(hours=1))
    house.tick(LOOK)
    _arrange(house, AddPost("go.md"))
    house.tick(NEXT)
    house.tick(NEXT + WEEK - timedelta(hours=2))
    house.write("roku", NEXT + DAY)
    house.tick(NEXT + WEEK)
    assert house.read_posts("hana@example.jp").count("go") == 1


def test_a_reader_who_was_behind_still_gets_what_lies_before_an_added_post(house: House) -> None:
    _arrange(house, AddPost("mukashi.md"))
    with house.app.works.database.writing() as connection:
        # As if the draft had been made before a delivery failed that had ichi in it.
        connection.exec_driver_sql("DELETE FROM edition_posts WHERE news_no = 1")
    house.tick(NEXT)
    assert house.read_posts("mio@example.jp") == ["ichi"]


def test_a_held_post_is_added_only_after_its_release(house: House) -> None:
    with house.app.works.database.writing() as connection:
        hold_post(connection, house.find_post_id("mukashi"), "wrong")
    with pytest.raises(NotAllowedError, match="release it first"):
        _arrange(house, AddPost("mukashi.md"))
    with pytest.raises(UsageError, match="there is no post"):
        _arrange(house, AddPost("nowhere.md"))


def test_a_post_held_since_is_named_and_not_sent(house: House) -> None:
    with house.app.works.database.writing() as connection:
        hold_post(connection, house.find_post_id("yon"), "wrong")
    preview = _preview(house)
    assert [one.post.path for one in preview.posts if one.reason is Reason.HELD] == ["yon.md"]
    assert "held_since" in {flaw.code for flaw in preview.flaws}


def test_the_words_of_an_editor_stand_in_the_mail(house: House) -> None:
    _arrange(house, SetWords("今週の題", "見出しの横", "**ようこそ** TODO"))
    (hana, mio) = _preview(house).variants
    assert (hana.rendered.subject, hana.rendered.preheader) == ("今週の題", "見出しの横")
    assert "<strong>ようこそ</strong>" in mio.rendered.html
    assert {"marker", "short_subject"} <= {flaw.code for flaw in _preview(house).flaws}


def test_a_preview_is_what_the_freeze_makes(house: House) -> None:
    _arrange(house, Reorder(_ids(house, "ni")))
    _arrange(house, AddPost("mukashi.md"))
    foreseen = _preview(house)
    assert [(one.readers, one.not_shown) for one in foreseen.variants] == [(2, 2), (1, 0)]
    assert foreseen.topics == {"": 2, "銭湯": 1}
    house.tick(NEXT)
    frozen = _preview(house)
    assert frozen.is_frozen
    assert [(one.key, one.readers, one.post_ids) for one in frozen.variants] == [
        (one.key, one.readers, one.post_ids) for one in foreseen.variants
    ]
    assert frozen.readers == foreseen.readers == 3
    assert (frozen.cadences, frozen.topics) == (foreseen.cadences, foreseen.topics)
    assert [(one.cadences, one.topics) for one in frozen.variants] == [
        (one.cadences, one.topics) for one in foreseen.variants
    ]
    with house.app.works.database.reading() as connection:
        stored = list_variants(connection, frozen.edition.edition_id)
    assert {one.rendered.html for one in stored} == {one.rendered.html for one in foreseen.variants}


def test_an_old_revision_and_a_frozen_edition_cannot_be_changed(house: House) -> None:
    seen, works = _find(house), house.app.works
    _arrange(house, SetWords(subject="先の人の件名"))
    arguments = (works.database, works.press, seen.edition_id, seen.revision)
    with pytest.raises(ChangedError, match="somebody else changed edition"):
        arrange_edition(*arguments, SetWords(subject="後の人"), LOOK, by=COMMAND)
    with pytest.raises(ChangedError):
        approve_edition(works.database, seen.edition_id, LOOK, revision=seen.revision, by=COMMAND)
    house.tick(NEXT)
    with pytest.raises(NotAllowedError, match="cannot be changed any more"):
        arrange_edition(
            works.database, works.press, seen.edition_id, 1, SetWords("x"), NEXT, by=COMMAND
        )


def test_an_order_names_each_post_once_and_none_that_is_not_there(house: House) -> None:
    (ichi,) = _ids(house, "ichi")
    with pytest.raises(UsageError, match="named twice"):
        _arrange(house, Reorder((ichi, ichi)))
    _arrange(house, LeaveOut(ichi))
    with pytest.raises(NotAllowedError, match="take it back"):
        _arrange(house, Reorder((ichi,)))


def test_another_time_is_kept_to(house: House) -> None:
    edition, works = _find(house), house.app.works
    later = NEXT + timedelta(hours=3)
    moved = schedule_edition(works.database, edition.edition_id, 0, later, LOOK, by=COMMAND)
    assert (moved.freeze_at, moved.revision) == (later, 1)
    house.tick(NEXT)
    assert not house.count_mail()
    house.tick(later)
    assert house.count_mail().total() == 3
    with pytest.raises(NotAllowedError, match="cannot be changed"):
        schedule_edition(works.database, edition.edition_id, 1, later, LOOK, by=COMMAND)


def test_send_now_asks_for_the_number_of_readers(house: House) -> None:
    with pytest.raises(NotAllowedError, match="would go to 3 readers, and you typed 4"):
        _send(house, 0, 4)
    assert _send(house, 0, 3).state is EditionState.WAITING
    house.go_on()
    assert house.count_mail().total() == 3
    house.tick(NEXT)
    assert house.count_mail().total() == 3


def test_of_two_who_send_at_once_one_wins(house: House) -> None:
    edition, barrier, ends = _find(house), threading.Barrier(2), []
    hold_edition(house.app.works.database, edition.edition_id, "look first", LOOK, by=COMMAND)

    def send() -> None:
        barrier.wait()
        try:
            ends.append(_send(house, 1, 3).state.value)
        except KawarabanError as error:
            ends.append(str(error))

    threads = [threading.Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ends.count("waiting") == 1
    assert any(f"edition {edition.edition_id}" in end for end in ends)
    house.tick(LOOK)
    assert set(house.count_mail().values()) == {1}


def test_a_variant_goes_to_a_test_address_again_only_after_a_change(house: House) -> None:
    works, number = house.app.works, _find(house).edition_id

    def rehearse() -> int:
        return len(
            rehearse_edition(works.database, works.press, number, 2, ["me@x.jp"], LOOK, by=COMMAND)
        )

    assert [rehearse(), rehearse()] == [1, 0]
    _arrange(house, SetWords(subject="新しい件名です"))
    assert rehearse() == 1
    with pytest.raises(NotAllowedError, match="has no variant 3"):
        rehearse_edition(works.database, works.press, number, 3, ["me@x.jp"], LOOK, by=COMMAND)


def test_what_changed_since_it_was_mailed_is_told(house: House) -> None:
    house.tick(NEXT)
    house.clock.now = NEXT + timedelta(hours=1)
    house.write("yon", MONDAY + 4 * DAY, title="記事四", body="これはyonの本文です。新しい文。")
    house.tick(NEXT + timedelta(hours=2))
    with house.app.works.database.reading() as connection:
        post = find_post(connection, "yon.md")
        never = find_post(connection, "mukashi.md")
        assert post is not None
        assert never is not None
        changes = diff_since_mailed(connection, post)
        assert diff_since_mailed(connection, never) is None
    assert changes is not None
    assert changes.is_changed
    assert ("added", "四") in changes.title.pieces
    assert ("kept", "これはyonの本文です。") in changes.text.pieces


def test_a_correction_stands_in_the_next_mail_and_in_no_other(house: House) -> None:
    house.tick(NEXT)
    sent, works = _find(house), house.app.works
    add_correction(
        works.database, "weekly", sent.edition_id, "正しくは**三日**です。", NEXT, by=COMMAND
    )
    withdrawn = add_correction(works.database, "weekly", sent.edition_id, "誤り", NEXT, by=COMMAND)
    withdraw_correction(works.database, withdrawn.correction_id, NEXT, by=COMMAND)
    house.tick(NEXT + WEEK)
    assert len(house.list_mail()) == 3
    for week, name in enumerate(("go", "roku"), start=1):
        house.write(name, NEXT + week * WEEK + DAY)
        house.tick(NEXT + week * WEEK + 2 * DAY)
        house.tick(NEXT + (week + 1) * WEEK)
    said = [str(mail.get_body(("plain",)).get_content()) for mail in house.list_mail()]  # type: ignore[union-attr]
    corrected = [text for text in said if "正しくは" in text]
    assert len(corrected) == 2
    assert all("10月20日" in text and "誤り" not in text for text in corrected)
    with works.database.reading() as connection:
        carrier = list_corrections(connection, "weekly")[1].edition_id
        assert carrier is not None
        assert find_edition(connection, carrier).key == "2025-11-03"


def test_a_correction_comes_back_from_an_edition_that_nobody_got(house: House) -> None:
    house.tick(NEXT)
    sent, works = _find(house), house.app.works
    noted = add_correction(
        works.database, "weekly", sent.edition_id, "正しくは三日", NEXT, by=COMMAND
    )
    house.write("go", NEXT + DAY)
    house.tick(NEXT + 2 * DAY)
    house.tick(NEXT + WEEK - timedelta(hours=2))
    works_now = house.clock.now
    number = _find(house).edition_id
    send_edition_now(works.database, works.press, number, 0, 2, works_now, by=COMMAND)
    freeze_between_passes(works, works_now)
    with pytest.raises(NotAllowedError, match="is in edition"):
        withdraw_correction(works.database, noted.correction_id, works_now, by=COMMAND)
    cancel_edition(works.database, number, "no", LOOK, by=COMMAND)
    with works.database.reading() as connection:
        assert list_corrections(connection, "weekly")[0].edition_id is None


def test_what_was_wrong_in_one_that_was_cancelled_half_way_can_be_corrected(house: House) -> None:
    works, number = house.app.works, _find(house).edition_id
    _send(house, 0, 3)
    freeze_between_passes(works, LOOK)
    cancel_edition(works.database, number, "nothing of it left", LOOK, by=COMMAND)
    with pytest.raises(NotAllowedError, match="is cancelled"):
        add_correction(works.database, "weekly", number, "誤り", LOOK, by=COMMAND)
    with works.database.writing() as connection:
        # As if a worker had taken a batch before.
        connection.exec_driver_sql("UPDATE batches SET attempt = 1")
    assert add_correction(
        works.database, "weekly", number, "誤り", LOOK, by=COMMAND
    ).about_edition_id


def test_the_deliveries_are_woken_when_an_edition_goes_on(house: House) -> None:
    works, number, woken = house.app.works, _find(house).edition_id, list[int]()
    _send(house, 0, 3)
    freeze_between_passes(works, LOOK)
    pause_edition(works.database, number, "wait", LOOK, by=COMMAND)
    resume_edition(
        works.database, lambda _, batch_ids: woken.extend(batch_ids), number, LOOK, by=COMMAND
    )
    assert len(woken) == 2


@pytest.mark.parametrize("seed", [1, 2])
def test_whatever_an_editor_does_nobody_gets_a_post_twice_or_loses_one(
    house: House, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311
    names, gone = ["ichi", "ni", "san", "yon"], set()
    for week in range(4):
        slot = NEXT + week * WEEK
        house.tick(slot - timedelta(hours=2))
        for _ in range(4):
            arranged = [one.post for one in _preview(house).posts]
            ids = [post.post_id for post in arranged]
            changes: list[Change] = [
                Reorder(tuple(chance.sample(ids, len(ids)))),
                LeaveOut(chance.choice(ids)),
                AddPost(f"{chance.choice([*names, 'mukashi'])}.md"),
            ]
            change = chance.choice(changes)
            with contextlib.suppress(NotAllowedError):
                _arrange(house, change)
        gone |= {
            one.post.path[:-3] for one in _preview(house).posts if one.reason is Reason.LEFT_OUT
        }
        house.tick(slot)
        added = [f"w{week}n{number}" for number in range(3)]
        for name in added:
            house.write(name, slot + DAY)
        names += added
        house.tick(slot + 2 * DAY)
    shown = house.read_posts("hana@example.jp")
    assert max(Counter(shown).values()) == 1
    sent = [edition for edition in house.list_editions() if edition.frozen_at]
    with house.app.works.database.reading() as connection:
        carried = {
            one.post.path[:-3]
            for edition in sent
            for one in list_edition_candidates(connection, edition.edition_id)
        }
    # Whatever is not shown was only counted, or left out.
    assert set(names[:-3]) <= carried | gone
    assert set(shown) <= set(names) | {"mukashi"}


def test_what_cannot_be_written_down_is_not_done(house: House) -> None:
    seen, works = _find(house), house.app.works
    database, number = works.database, seen.edition_id
    nobody = Actor(ActorKind.COMMAND, None, None)  # type: ignore[arg-type]
    change, news = SetWords("号外"), ByHand("weekly", "k", intro="お知らせです")
    for act in (
        lambda: arrange_edition(database, works.press, number, 0, change, LOOK, by=nobody),
        lambda: hold_edition(database, number, "wait", LOOK, by=nobody),
        lambda: schedule_edition(database, number, 0, NEXT + DAY, LOOK, by=nobody),
        lambda: send_edition_now(database, works.press, number, 0, 3, LOOK, by=nobody),
        lambda: cancel_edition(database, number, "no", LOOK, by=nobody),
        lambda: make_by_hand(database, works.press, news, LOOK, by=nobody),
    ):
        with pytest.raises(IntegrityError):
            act()
        assert house.list_editions()[-1] == seen
