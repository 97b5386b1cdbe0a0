from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from service.delivery.conditions import LEFT_ALONE_FOR, find_conditions
from service.delivery.facts import Facts
from service.model.condition import Condition, Item
from service.model.delivery import BatchKind
from service.model.edition import Edition, EditionState
from service.model.newsletter import Approval, Cadence, Newsletter
from service.model.post import Finding, Hold, Level, Post
from service.model.webhook import Webhook, WebhookKey
from service.store.accounts import Account
from service.store.attention import Missing, Quarantined
from service.store.history import UnknownBatch
from service.store.pulls import Pull
from tests.fakes.world import NOON, WEEKLY, describe_edition, describe_post

HOUR = timedelta(hours=1)
CUT = Finding("cut_title", Level.HOLD, "the title was cut", 2, "可\ufffd")
WARNED = Finding("body_marker", Level.WARN, "a marker", 9)
FACTS = Facts(
    now=NOON,
    newsletters={"weekly": WEEKLY},
    since={"weekly": NOON - 9 * HOUR},
    numbered={"weekly": frozenset()},
)


def _find(facts: Facts, condition: Condition) -> tuple[Item, ...]:
    return find_conditions(facts).get(condition, ())


def _hold(number: int = 1, hold: Hold = Hold.GATE) -> Post:
    post = describe_post(number)
    return replace(
        post,
        post_id=number,
        changed_at=NOON - HOUR,
        hold=hold,
        hold_note="the title was cut",
        findings=(WARNED, CUT),
    )


def _find_held(*posts: Post, newsletter: Newsletter = WEEKLY) -> tuple[Item, ...]:
    facts = replace(FACTS, posts=posts, newsletters={"weekly": newsletter})
    return _find(facts, Condition.HELD)


def _break(mtime: datetime = NOON - HOUR, *, is_kept: bool = True) -> Quarantined:
    ns = int(mtime.timestamp()) * 10**9
    return Quarantined("a.md", 4, "yaml", "no YAML", ns, is_kept=is_kept)


def test_where_nothing_is_wrong_nothing_is_found() -> None:
    assert find_conditions(FACTS) == {}


def test_a_quarantined_file_is_told_with_its_place_and_what_feeds_do() -> None:
    kept, lost = (
        _find(replace(FACTS, quarantined=[_break(is_kept=is_kept)]), Condition.QUARANTINED)[0]
        for is_kept in (True, False)
    )
    assert kept == Item("a.md:yaml", "kept", {"place": "a.md:4", "reason": "no YAML"}, rule="yaml")
    assert lost.form == "lost"


def test_a_file_that_is_being_written_is_left_alone_for_a_while() -> None:
    def find(written_at: datetime) -> tuple[Item, ...]:
        return _find(replace(FACTS, quarantined=[_break(written_at)]), Condition.QUARANTINED)

    assert not find(NOON - LEFT_ALONE_FOR + timedelta(seconds=1))
    assert find(NOON - LEFT_ALONE_FOR)
    assert find(NOON + 99 * HOUR), "a clock that was wrong must not silence us for ever"


def test_a_held_post_is_told_with_what_holds_it_and_not_with_warnings() -> None:
    (item,) = _find_held(_hold())
    assert (item.form, item.rule, item.findings) == ("held", "cut_title", (CUT,))
    assert item.values == {"title": "記事1", "path": "_posts/1.md"}
    assert not item.blocks


@pytest.mark.parametrize(
    "change",
    [
        {"is_known": True},
        {"draft": True},
        {"mailable": False},
        {"published_at": NOON + HOUR},
        {"expires_at": NOON - HOUR},
        {"hold": Hold.EDITOR},
        {"changed_at": NOON - timedelta(seconds=5)},
    ],
)
def test_a_held_post_that_would_be_no_news_anyway_is_nobodys_concern(
    change: dict[str, object],
) -> None:
    assert not _find_held(replace(_hold(), **change))  # type: ignore[arg-type]


def test_a_held_post_outside_of_every_filter_is_nobodys_concern() -> None:
    assert not _find_held(_hold(), newsletter=replace(WEEKLY, categories=("even",)))


def test_a_held_post_that_was_mailed_before_is_nobodys_concern() -> None:
    facts = replace(FACTS, posts=[_hold()], numbered={"weekly": frozenset({1})})
    assert not _find(facts, Condition.HELD)


def test_posts_that_came_at_once_are_one_thing_with_a_count() -> None:
    (item,) = _find_held(*(_hold(number, Hold.MASS) for number in (1, 2, 3)))
    assert (item.form, item.values["count"], item.stands_for) == ("mass", 3, 3)


def test_a_post_that_came_too_late_is_told_with_the_newsletter_it_missed() -> None:
    old = replace(
        _hold(), hold=None, published_at=NOON - 999 * HOUR, seen_after_at=NOON - 999 * HOUR
    )
    (item,) = _find_held(replace(old, first_seen_at=NOON - HOUR))
    assert (item.form, item.values["newsletter"]) == ("late", "ウィークリー")
    assert not _find_held(replace(old, released_at=NOON))


def test_a_name_that_no_post_bears_is_told_by_newsletter_and_kind() -> None:
    newsletter = replace(
        WEEKLY, categories=("odd", "最新動向"), tags=("tag", "Gone"), topics=("tag", "typo")
    )
    facts = replace(
        FACTS,
        newsletters={"weekly": newsletter},
        categories=frozenset({"Odd"}),
        tags=frozenset({"TAG"}),
    )
    found = _find(facts, Condition.FILTER)
    assert [(item.form, item.values["name"]) for item in found] == [
        ("category", "最新動向"),
        ("tag", "Gone"),
        ("topic", "typo"),
    ]


def test_without_any_post_no_filter_is_blamed() -> None:
    facts = replace(FACTS, newsletters={"weekly": replace(WEEKLY, topics=("x",))})
    assert find_conditions(facts) == {}


def test_a_pull_is_told_after_a_quarter_of_an_hour_and_without_a_password() -> None:
    def find(since_at: datetime) -> tuple[Item, ...]:
        failure = "cannot read https://me:hunter2@git.example/site"
        source = "https://me:hunter2@git.example/site"
        pull = Pull(source, failing_since_at=since_at, failure=failure)
        return _find(replace(FACTS, pull=pull), Condition.PULL)

    assert not find(NOON - timedelta(minutes=14))
    (item,) = find(NOON - timedelta(minutes=15))
    assert item.blocks
    assert "hunter2" not in str(item)


def _find_edition(
    condition: Condition, newsletter: Newsletter = WEEKLY, **change: object
) -> tuple[Item, ...]:
    edition: Edition = replace(
        describe_edition("2025-10-13", 9),
        edition_id=7,
        **change,  # type: ignore[arg-type]
    )
    facts = replace(
        FACTS,
        editions=[edition],
        newsletters={"weekly": newsletter},
        candidates={7: [describe_post(1), describe_post(2)]},
        waiting={7: 30},
    )
    return _find(facts, condition)


def test_an_overdue_edition_blocks_mail_and_one_held_by_hand_is_somebodys_wish() -> None:
    def find(reason: str) -> tuple[Item, ...]:
        return _find_edition(Condition.OVERDUE, state=EditionState.HELD, reason=reason)

    (item,) = find("overdue: it was due")
    assert (item.key, item.form, item.blocks) == ("7", "overdue", True)
    assert item.values["newsletter"] == "ウィークリー"
    assert not find("held by an editor")


def test_an_edition_whose_mail_cannot_be_made_says_what_is_wrong_and_is_not_overdue() -> None:
    def find(condition: Condition) -> tuple[Item, ...]:
        reason = "cannot be made: the template has no title"
        return _find_edition(condition, state=EditionState.HELD, reason=reason)

    (item,) = find(Condition.UNMADE)
    assert (item.key, item.form, item.blocks) == ("7", "unmade", True)
    assert item.values["reason"] == "the template has no title"
    assert not find(Condition.OVERDUE)


def test_a_paused_edition_says_how_many_readers_wait() -> None:
    (item,) = _find_edition(Condition.PAUSED, state=EditionState.PAUSED, reason="bounces")
    assert (item.values["waiting"], item.values["reason"], item.blocks) == (30, "bounces", True)


def test_a_draft_that_goes_by_itself_is_shown_before_its_time_only() -> None:
    newsletter = replace(WEEKLY, approval=Approval.NOTICE)
    (item,) = _find_edition(Condition.APPROVAL, newsletter, freeze_at=NOON + HOUR)
    assert (item.form, item.values["count"], item.values["first"]) == ("goes", 2, "記事1")
    assert not item.blocks
    assert not _find_edition(Condition.APPROVAL, newsletter, freeze_at=NOON)
    assert not _find_edition(Condition.APPROVAL, freeze_at=NOON + HOUR)


def test_a_draft_that_has_to_be_approved_blocks_once_its_time_has_come() -> None:
    newsletter = replace(WEEKLY, approval=Approval.REQUIRED)
    early, late = (
        _find_edition(Condition.APPROVAL, newsletter, approved_at=None, freeze_at=at)[0]
        for at in (NOON + HOUR, NOON)
    )
    assert (early.form, early.blocks, late.blocks) == ("asks", False, True)


def test_an_edition_of_a_newsletter_that_is_gone_keeps_its_name() -> None:
    facts = replace(
        FACTS,
        newsletters={},
        editions=[replace(describe_edition("x", 1, Cadence.DAILY), state=EditionState.PAUSED)],
    )
    assert _find(facts, Condition.PAUSED)[0].values["newsletter"] == "weekly"


def test_an_unknown_batch_is_told_when_it_did_not_settle_by_itself() -> None:
    def find(claimed_at: datetime) -> tuple[Item, ...]:
        batch = UnknownBatch(3, BatchKind.EDITION, 7, "fake", 100, claimed_at, "read time-out")
        return _find(replace(FACTS, unknown=[batch]), Condition.UNKNOWN)

    assert not find(NOON - timedelta(minutes=29))
    assert find(NOON - timedelta(minutes=30))[0].values["rows"] == 100


def test_only_a_paused_account_is_told() -> None:
    waiting = Account("fake", NOON, None, "", 0)
    paused = replace(waiting, paused_at=NOON, paused_reason="the key was refused")
    found = _find(replace(FACTS, accounts=[waiting, paused]), Condition.ACCOUNT)
    assert [item.values["reason"] for item in found] == ["the key was refused"]


def test_a_copied_database_and_a_folder_that_looks_emptied_come_before_everything_else() -> None:
    facts = replace(
        FACTS,
        is_send_held=True,
        missing=Missing(700, NOON, "_posts/1.md"),
        quarantined=[_break()],
        posts=[_hold()],
    )
    assert list(find_conditions(facts)) == [
        Condition.SEND_HOLD,
        Condition.FOLDER,
        Condition.QUARANTINED,
        Condition.HELD,
    ]


def test_a_webhook_that_is_stopped_is_told_by_its_host_alone() -> None:
    key = WebhookKey("k", "s")
    well = Webhook(1, "https://a.example/?key=secret", (), False, key, NOON, "")
    stopped = replace(well, stopped_at=NOON - HOUR, stopped_for="it answered 410")
    facts = replace(FACTS, stopped_webhooks=(stopped,))
    (item,) = _find(facts, Condition.WEBHOOK)
    assert item.values == {
        "host": "a.example",
        "since": NOON - HOUR,
        "reason": "it answered 410",
    }
