from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from service.editions.permalink import (
    EditionName,
    ReadSlug,
    mark_key,
    read_slug,
    write_path,
    write_slug,
    write_uid,
)
from service.model.newsletter import Cadence, Newsletter

TOKYO = ZoneInfo("Asia/Tokyo")
MORNING = datetime(2026, 11, 15, 23, 0, tzinfo=UTC)
WEEKLY = EditionName(Cadence.WEEKLY, "2026-11-16", MORNING)
UID = "tag:kawaberi.example,2026:post/0001"


def test_a_scheduled_edition_is_known_by_its_date_and_cadence(newsletter: Newsletter) -> None:
    assert write_path(newsletter, WEEKLY, TOKYO) == "/editions/weekly/2026-11-16-weekly"
    said = read_slug("2026-11-16-weekly")
    assert said == ReadSlug(date(2026, 11, 16), Cadence.WEEKLY, "2026-11-16", "")


@pytest.mark.parametrize("cadence", [Cadence.EACH, None])
def test_any_other_is_known_by_the_mark_of_its_key(cadence: Cadence | None) -> None:
    slug = write_slug(EditionName(cadence, UID, MORNING), TOKYO)
    middle = "-each" if cadence else ""
    assert slug == f"2026-11-16{middle}-{mark_key(UID)}"
    assert read_slug(slug) == ReadSlug(date(2026, 11, 16), cadence, "", mark_key(UID))


def test_two_posts_of_one_moment_have_two_addresses() -> None:
    slugs = {write_slug(EditionName(Cadence.EACH, f"{UID}{n}", MORNING), TOKYO) for n in range(99)}
    assert len(slugs) == 99


@pytest.mark.parametrize(
    "slug",
    ["", "feed.xml", "2026-11-16", "2026-13-01-weekly", "2026-11-16-hourly", "2026-11-16-each",
     "2026-11-16-weekly/", "２０２６-11-16-weekly", "2026-11-16-0123456789ab", "../secret"],
)  # fmt: skip
def test_what_was_never_a_slug_says_nothing(slug: str) -> None:
    assert read_slug(slug) is None


def test_the_id_in_feeds_is_ones_own_and_no_matter_of_time(newsletter: Newsletter) -> None:
    uid = write_uid("inst", newsletter, WEEKLY)
    assert uid == "urn:uuid:9ac0e2bd-4f4d-5fe2-b938-4a3634201d24"
    later = EditionName(WEEKLY.cadence, WEEKLY.key, MORNING + timedelta(days=1))
    assert write_uid("inst", newsletter, later) == uid
    others = {
        write_uid("other", newsletter, WEEKLY),
        write_uid("inst", newsletter, EditionName(Cadence.DAILY, WEEKLY.key, MORNING)),
        write_uid("inst", newsletter, EditionName(None, WEEKLY.key, MORNING)),
        uid,
    }
    assert len(others) == 4
