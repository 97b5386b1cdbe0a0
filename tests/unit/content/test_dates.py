from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from service.content.dates import read_date
from service.errors import ContentError

TOKYO = ZoneInfo("Asia/Tokyo")

# Each line is one the generators were run on: what is written, quoted or not, what it means.
CASES = [
    ("jekyll", "2025-10-17 13:01:42 +0000", False, "2025-10-17T13:01:42+00:00"),
    ("jekyll", "2026-02-01 08:00:00 +0900", False, "2026-02-01T08:00:00+09:00"),
    ("jekyll", "2024-02-03 23:30:00", False, "2024-02-03T23:30:00+00:00"),
    ("jekyll", "2024-02-03T23:30:00", False, "2024-02-03T23:30:00+00:00"),
    ("jekyll", "2024-02-03 23:30:00", True, "2024-02-03T23:30:00+09:00"),
    ("jekyll", "2024-02-04 10:00", False, "2024-02-04T10:00:00+09:00"),
    ("jekyll", "2024-1-2 9:05:00", False, "2024-01-02T09:05:00+00:00"),
    ("hugo", "2024-02-03T23:30:00", False, "2024-02-03T23:30:00+09:00"),
    ("hugo", "2024-02-03 23:30:00", True, "2024-02-03T23:30:00+09:00"),
    ("hugo", "2022-07-01T00:00:00Z", False, "2022-07-01T00:00:00+00:00"),
    ("generic", "2015-02-4 20:25:00", False, "2015-02-04T20:25:00+09:00"),
    ("jekyll", "2024-01-28", False, "2024-01-28T00:00:00+09:00"),
    ("jekyll", "2014-9-1", False, "2014-09-01T00:00:00+09:00"),
    ("generic", "May 30, 2021", False, "2021-05-30T00:00:00+09:00"),
    ("generic", "Sept 3, 2021", False, "2021-09-03T00:00:00+09:00"),
    ("generic", "Wed, 02 Oct 2002 13:00:00 GMT", False, "2002-10-02T13:00:00+00:00"),
    ("generic", "2015-03-17 10:00:00 -4", False, "2015-03-17T10:00:00-04:00"),
    ("generic", "2015-03-17 10:00 PST", False, "2015-03-17T10:00:00-08:00"),
    ("jekyll", "2018-10-31 11:02:00.000000000 +09:00", False, "2018-10-31T11:02:00+09:00"),
    ("generic", "2026-01-31T10:00:00.123Z", True, "2026-01-31T10:00:00.123000+00:00"),
    ("jekyll", "2024/02/03 23:30:00", False, "2024-02-03T23:30:00+09:00"),
    ("jekyll", "May 30, 2021 10:00:00", False, "2021-05-30T10:00:00+09:00"),
    ("generic", "2024-02-04 10:05 PM", False, "2024-02-04T22:05:00+09:00"),
    ("jekyll", "2024-02-04 10:05:00 PM", False, "2024-02-04T22:05:00+09:00"),
    ("generic", "2024-02-04 12:05 a.m. EST", False, "2024-02-04T00:05:00-05:00"),
    ("generic", "2024年2月4日", False, "2024-02-04T00:00:00+09:00"),
    ("generic", "2024-02-04 24:00:00", True, "2024-02-05T00:00:00+09:00"),
    ("generic", "2016-12-31 23:59:60 +0000", True, "2017-01-01T00:00:00+00:00"),
    ("generic", "1969-07-20", False, "1969-07-20T00:00:00+09:00"),
    ("generic", "2150-01-01", False, "2150-01-01T00:00:00+09:00"),
    ("generic", "2024-02-04 10:00 +9:00", False, "2024-02-04T10:00:00+09:00"),
]


@pytest.mark.parametrize(("dialect", "text", "quoted", "meant"), CASES)
def test_a_date_means_what_its_generator_makes_of_it(
    dialect: str, text: str, quoted: bool, meant: str
) -> None:
    assert read_date(text, quoted=quoted, dialect=dialect, zone=TOKYO).isoformat() == meant


@pytest.mark.parametrize(
    "text",
    [
        "soon",
        "",
        "2026-02-30",
        "2024-13-40",
        "2024-02-04 25:00:00",
        "2023-01-29 18:30:22 2023 -0800",
        "2024-02-04 10:00 XYZ",
        "2024-02-04 10:00:00 +99:00",
        "0001-01-01",
        "-0044-03-15",
        "44 BC",
        "2024-00-10",
        "2023-02-29",
        "2024-02-04 24:00:01",
        "2024-02-04 10:60",
        "2024-02-04 10:00:61",
        "2024-02-04 13:00 PM",
        "1706918400",
        "9999-12-31 23:59:59 -1200",
        "Smarch 13, 2021",
        "2024-02-04 10:00:00 +0900 and more",
    ],
)
def test_what_cannot_be_read_is_an_error_and_never_now(text: str) -> None:
    with pytest.raises(ContentError) as caught:
        read_date(text, quoted=False, dialect="jekyll", zone=TOKYO)
    assert caught.value.code == "date"


def test_summer_time_is_pinned_to_the_offset_of_that_day() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    summer = read_date("2026-07-01", quoted=False, dialect="hugo", zone=berlin)
    assert summer.isoformat() == "2026-07-01T00:00:00+02:00"
