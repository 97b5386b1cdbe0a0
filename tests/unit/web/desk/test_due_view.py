from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from service.delivery.agenda import Due
from service.delivery.prospects import Prospect
from service.model.edition import Candidate, Edition, EditionState
from service.model.newsletter import Approval, Cadence, Newsletter
from service.model.publication import Publication
from service.web.desk.due_view import DueView, show_due
from service.words.catalogues import find_voice
from tests.fakes.world import NOON, describe_edition, describe_post

SITE = Publication("瓦版", "https://a.example", "https://a.example", "", "ja", "Asia/Tokyo", "")
LATER = NOON + timedelta(hours=3)
MADE = replace(describe_edition("2025-10-13", 1), edition_id=7, freeze_at=LATER)
IMAGINED = replace(MADE, edition_id=0, approved_at=None)


def show(edition: Edition, approval: Approval = Approval.NONE, posts: int = 1) -> DueView:
    newsletter = Newsletter("weekly", "Weekly", "en", approval=approval)
    candidates = tuple(Candidate(describe_post(number), number) for number in range(posts))
    due = Due(newsletter, Cadence.WEEKLY, Prospect(edition, candidates, ""), 1200, is_exact=False)
    return show_due(find_voice("en"), SITE, due, NOON)


@pytest.mark.parametrize(
    ("edition", "approval", "badge", "deadline"),
    [
        (MADE, Approval.NONE, "ready", "It leaves by itself."),
        (MADE, Approval.NOTICE, "ready", "It leaves at "),
        (MADE, Approval.REQUIRED, "ready", ""),
        (IMAGINED, Approval.REQUIRED, "gathering", "Somebody will have to approve it."),
        (
            replace(MADE, approved_at=None),
            Approval.REQUIRED,
            "waits for approval",
            "It does not leave before somebody approves it.",
        ),
        (replace(MADE, state=EditionState.HELD), Approval.NONE, "held", "It stays here until"),
        (
            replace(MADE, freeze_at=NOON - timedelta(days=2)),
            Approval.NONE,
            "overdue",
            "Too late to go by itself",
        ),
    ],
)
def test_what_is_due_says_what_happens_when_nobody_does_anything(
    edition: Edition, approval: Approval, badge: str, deadline: str
) -> None:
    shown = show(edition, approval)
    assert shown.badge.label == badge
    assert shown.deadline.startswith(deadline)
    assert bool(shown.deadline) == bool(deadline)


def test_an_edition_that_is_made_is_linked_and_its_first_posts_are_named() -> None:
    shown = show(MADE, posts=5)
    assert (shown.path, shown.posts, shown.titles[0], shown.rest) == (
        "/desk/editions/7",
        5,
        "記事0",
        2,
    )
    assert shown.readers == "to 1,200 readers at most"
    assert shown.when is not None
    assert shown.when.away == "in 3 hours"


def test_without_news_nobody_is_promised_anything() -> None:
    shown = show(IMAGINED, posts=0)
    assert (shown.badge.label, shown.readers, shown.deadline) == ("nothing new yet", "", "")
