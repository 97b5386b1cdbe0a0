from __future__ import annotations

import csv
import io
from datetime import UTC

from hypothesis import given
from hypothesis import strategies as st

from service.audience.exchange import RowProblem
from service.audience.suppressed import SuppressedRow, read_suppressed, stream_suppressed
from service.model.subscriber import SuppressionReason
from tests.fakes.paper import open_sheet
from tests.unit.audience.test_exchange import ONE_LINE, TRIGGERS

ADDRESS = st.from_regex(r"[a-z0-9'=+_-]{1,12}@[a-z]{1,8}\.(jp|com)", fullmatch=True)
HASH = st.from_regex(r"k[0-9]:[0-9a-f]{64}", fullmatch=True)
ROW = st.builds(
    lambda who, reason, note, at: SuppressedRow(who[0], who[1], reason, note, at),
    st.tuples(ADDRESS, st.none()) | st.tuples(st.none(), HASH),
    st.sampled_from(SuppressionReason),
    ONE_LINE,
    st.datetimes(timezones=st.just(UTC)),
)


@given(st.lists(ROW, max_size=3))
def test_any_list_of_ours_is_read_back_without_loss(rows: list[SuppressedRow]) -> None:
    content = "".join(stream_suppressed(rows))
    assert list(read_suppressed(open_sheet(content)) or ()) == rows
    for cells in csv.reader(io.StringIO(content, newline="")):
        assert not any(cell.startswith(TRIGGERS) for cell in cells)


def test_a_list_of_another_service_is_not_taken_for_ours() -> None:
    assert read_suppressed(open_sheet("email,reason\na@x.jp,bounce\n")) is None


def test_rows_that_cannot_be_read_are_told_by_line() -> None:
    content = (
        "address,address_hash,reason,note,created_at\n"
        "a@x.jp,,lost,,2026-01-01T00:00:00Z\n"
        "a@x.jp,,manual\n"
        ",nohash,erased,,2026-01-01T00:00:00Z\n"
        "nobody,,manual,,2026-01-01T00:00:00Z\n"
    )
    problems = list(read_suppressed(open_sheet(content)) or ())
    assert [one.line for one in problems if isinstance(one, RowProblem)] == [2, 3, 4, 5]
