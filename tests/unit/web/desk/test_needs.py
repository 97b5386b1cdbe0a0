from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from service.delivery.conditions import find_conditions
from service.delivery.facts import Facts
from service.model.delivery import BatchKind
from service.model.edition import EditionState
from service.model.post import Body, Finding, Hold, Level
from service.model.publication import Publication
from service.model.signup import Held
from service.store.accounts import Account
from service.store.attention import Missing, Quarantined
from service.store.history import UnknownBatch
from service.store.pulls import Pull
from service.web.desk.needs import NeedView, find_held_ids, show_needs
from service.words.catalogues import find_voice
from tests.fakes.world import NOON, WEEKLY, describe_edition, describe_post

SITE = Publication("瓦版", "https://a.example", "https://a.example", "", "ja", "Asia/Tokyo", "")
HOUR = timedelta(hours=1)
CUT = Finding("cut_title", Level.HOLD, "the title was cut", 2, "事1")
HELD = replace(
    describe_post(1), post_id=11, changed_at=NOON - HOUR, hold=Hold.GATE, findings=(CUT,)
)
MASS = replace(HELD, post_id=12, path="m.md", hold=Hold.MASS, first_seen_at=NOON - HOUR)
PAUSED = replace(describe_edition("a", 1), edition_id=5, state=EditionState.PAUSED)
QUIET = Facts(
    now=NOON, newsletters={"weekly": WEEKLY}, since={"weekly": NOON - 9 * HOUR}, numbered={}
)
WORST = replace(
    QUIET,
    newsletters={"weekly": replace(WEEKLY, tags=("銭湯",))},
    categories=frozenset({"odd"}),
    quarantined=(Quarantined("a.md", 4, "yaml", "no YAML", 0, is_kept=True),),
    editions=(PAUSED, replace(PAUSED, edition_id=6, state=EditionState.DRAFT, approved_at=None)),
    unknown=(
        UnknownBatch(3, BatchKind.EDITION, 5, "mailgun", 9, NOON - HOUR, "no answer"),
        UnknownBatch(4, BatchKind.NOTICE, None, "mailgun", 1, NOON - HOUR, "no answer"),
    ),
    accounts=(Account("mail gun", None, NOON, "the key was refused", 0),),
    pull=Pull("https://git.example/a", failing_since_at=NOON - HOUR, failure="timed out"),
    signups=Held(50, NOON - HOUR),
    missing=Missing(9, NOON, "b.md"),
    is_send_held=True,
)


def show(facts: Facts) -> list[NeedView]:
    found = find_conditions(facts)
    bodies = {one: Body("", "本文") for one in find_held_ids(found, facts)}
    return show_needs(find_voice("en"), SITE, found, facts, bodies)


def test_every_thing_says_where_it_is_settled_or_by_which_command() -> None:
    things = [thing for need in show(WORST) for thing in need.things]
    assert [one.path or "; ".join(one.commands) for one in things] == [
        "kawaraban doctor --release-hold",
        "kawaraban doctor --resume-account 'mail gun'",
        "",
        "",
        "/desk/editions/5",
        "kawaraban unknown list",
        "/desk/readers",
        "/desk/editions/5",
        "/desk/editions/6",
        "/desk/posts?verdict=quarantined",
        "",
    ]


def test_a_held_post_is_quoted_and_may_be_released_there() -> None:
    posts = (HELD, MASS)
    (need,) = show(replace(QUIET, posts=posts, numbered={"weekly": frozenset()}))
    held, mass = need.things
    assert (held.post_id, held.path) == (11, "/desk/posts/11")
    assert [(one.before, one.quote) for one in held.findings] == [("記", "事1")]
    assert (mass.post_id, mass.path) == (0, "/desk/posts?held=mass")
    assert mass.seen == (NOON - HOUR).isoformat()


def test_of_many_things_a_few_are_shown_and_the_others_counted() -> None:
    files = tuple(Quarantined(f"{n}.md", 1, "yaml", "", 0, is_kept=False) for n in range(12))
    (need,) = show(replace(QUIET, quarantined=files))
    assert (len(need.things), need.rest, need.path) == (5, 7, "/desk/posts?verdict=quarantined")


def test_where_nothing_is_wrong_nobody_is_needed() -> None:
    assert show(QUIET) == []
