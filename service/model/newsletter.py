"""Newsletters: what one subscribes to, and when it leaves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time, timedelta
from enum import StrEnum
from pathlib import Path

from service.errors import UsageError


class Cadence(StrEnum):
    """How often a reader wants a newsletter."""

    EACH = "each"
    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


class Approval(StrEnum):
    """Whether a person is asked before an edition leaves."""

    NONE = "none"
    NOTICE = "notice"
    REQUIRED = "required"


@dataclass(frozen=True, slots=True)
class Newsletter:
    """A newsletter as configured. `categories` and `tags` filter its posts (empty: all).

    `topics` are the tags a reader may choose besides categories; `weekday` 0 is Monday;
    `monthday` 1 to 28, or 0 for the last day of the month; `send_at` is local time in the
    publication's zone. `templates` is the folder of mail templates of its own, if it has one.
    With an `archive` everybody may read on the web what was sent.
    A mail of one post shows all of it where the newsletter `mails_full_text`.
    """

    newsletter_id: str
    title: str
    language: str
    cadences: tuple[Cadence, ...] = (Cadence.WEEKLY,)
    default_cadence: Cadence = Cadence.WEEKLY
    categories: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    weekday: int = 0
    monthday: int = 1
    send_at: time = time(8, 0)
    max_posts: int = 15
    group_by: str = "category"
    approval: Approval = Approval.NONE
    notice_for: timedelta = timedelta(hours=2)
    late_after: timedelta = timedelta(days=7)
    overdue_after: timedelta = timedelta(hours=24)
    settle_for: timedelta = timedelta(minutes=10)
    subject: str = ""
    intro: str = ""
    welcome: bool = False
    mails_full_text: bool = False
    templates: Path | None = None
    archive: bool = True

    def list_rarer(self, cadence: Cadence) -> tuple[Cadence, ...]:
        """The cadences it offers that bring less mail than this one, the nearest first."""
        order = list(Cadence)
        return tuple(one for one in order[order.index(cadence) + 1 :] if one in self.cadences)


def find_newsletter(newsletters: Mapping[str, Newsletter], newsletter_id: str) -> Newsletter:
    """The configured newsletter of this id; raises UsageError naming those there are."""
    if newsletter_id not in newsletters:
        known = ", ".join(sorted(newsletters)) or "none"
        raise UsageError(
            "there is no newsletter '{newsletter}'; there is: {known}",
            newsletter=newsletter_id,
            known=known,
        )
    return newsletters[newsletter_id]
