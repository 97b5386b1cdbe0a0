from __future__ import annotations

from datetime import date, timedelta

from service.delivery.reminding import Told, list_settled, select_parts
from service.editions.alert import MOST_LISTED
from service.model.condition import Condition, Item, Part

TODAY = date(2026, 11, 21)
YESTERDAY = TODAY - timedelta(days=1)
A, B = Item("a", "held", {}), Item("b", "held", {})
UNKNOWN = Item("7", "unknown", {}, blocks=True)
OVERDUE, NEXT = Item("12", "overdue", {}, blocks=True), Item("13", "overdue", {}, blocks=True)
DRAFT = Item("14", "goes", {})


def _tell_held(*items: Item, told: Told) -> tuple[Part, ...]:
    return select_parts({Condition.HELD: items}, told, TODAY)


def test_what_is_new_is_told() -> None:
    assert _tell_held(A, told={}) == (Part(Condition.HELD, (A,)),)


def test_what_was_told_is_not_told_again_though_it_still_holds() -> None:
    assert _tell_held(A, told={("held", "a"): YESTERDAY}) == ()


def test_something_new_is_told_the_next_day_and_the_older_only_counted() -> None:
    assert _tell_held(A, B, told={("held", "a"): YESTERDAY}) == (
        Part(Condition.HELD, (B,), older=1),
    )


def test_a_second_one_on_the_same_day_waits_for_the_next() -> None:
    assert _tell_held(A, B, told={("held", "a"): TODAY}) == ()


def test_one_that_is_settled_still_counts_as_this_days_mail() -> None:
    told = {("held", "a"): TODAY}
    assert list_settled({Condition.HELD: [B]}, told, TODAY) == []
    assert _tell_held(B, told=told) == ()


def test_what_is_settled_is_forgotten_and_told_anew_when_it_comes_back() -> None:
    told = {("held", "a"): YESTERDAY, ("held", "b"): YESTERDAY, ("quarantined", "a"): YESTERDAY}
    assert list_settled({Condition.HELD: [B]}, told, TODAY) == [
        ("held", "a"),
        ("quarantined", "a"),
    ]


def test_what_blocks_mail_is_told_every_day_until_it_is_settled() -> None:
    found = {Condition.UNKNOWN: (UNKNOWN,)}
    assert select_parts(found, {("unknown", "7"): YESTERDAY}, TODAY) == (
        Part(Condition.UNKNOWN, (UNKNOWN,)),
    )
    assert select_parts(found, {("unknown", "7"): TODAY}, TODAY) == ()


def test_editions_do_not_wait_for_one_another() -> None:
    found = {Condition.OVERDUE: (OVERDUE, NEXT)}
    assert select_parts(found, {("overdue", "12"): TODAY}, TODAY) == (
        Part(Condition.OVERDUE, (NEXT,)),
    )


def test_a_draft_is_shown_once() -> None:
    found = {Condition.APPROVAL: (DRAFT,)}
    assert select_parts(found, {("approval", "14"): YESTERDAY}, TODAY) == ()


def test_a_whole_archive_of_faults_is_summed_up_the_first_time_only() -> None:
    many = tuple(Item(str(n), "lost", {}) for n in range(MOST_LISTED + 1))
    found = {Condition.QUARANTINED: many}
    assert select_parts(found, {}, TODAY)[0].is_summary
    told = {("quarantined", "0"): YESTERDAY}
    (later,) = select_parts(found, told, TODAY)
    assert (later.is_summary, later.older) == (False, 1)


def test_the_gravest_comes_first_as_it_was_found() -> None:
    found = {Condition.OVERDUE: (OVERDUE,), Condition.HELD: (A,)}
    parts = select_parts(found, {}, TODAY)
    assert [part.condition for part in parts] == [Condition.OVERDUE, Condition.HELD]
