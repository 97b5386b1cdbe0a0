from __future__ import annotations

import io
import zipfile
from datetime import UTC
from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.audience import folding
from service.audience.archives import open_sheets
from service.audience.exchange import RowProblem
from service.audience.folding import Tally
from service.audience.intake import MAX_LISTED, Intake
from service.audience.tags import TagReader
from service.errors import UsageError
from service.model.subscriber import SubscriptionState
from tests.fakes.paper import open_sheet, read_import, take

LINES = ["a@x.jp,Abe,confirmed", "a@x.jp,,unsubscribed", "b@x.jp,Baba,", "a@x.jp,Ando,confirmed"]


@pytest.mark.parametrize("held", [1, 25_000])
@pytest.mark.parametrize("lines", list(permutations(LINES)))
def test_who_left_in_any_row_has_left_however_far_apart_the_rows_are(
    lines: tuple[str, ...], held: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folding, "_HELD", held)
    doubled = ["c@x.jp,,", *lines, "c@x.jp,Chiba,"]
    taken = read_import("\n".join(["email,name,state", *doubled]))
    rows = {row.address: row for row in taken.rows}
    assert taken.folded == 3
    assert rows["a@x.jp"].state is SubscriptionState.UNSUBSCRIBED
    assert rows["a@x.jp"].name in ("Abe", "Ando")
    assert rows["c@x.jp"].name == "Chiba"
    assert rows["b@x.jp"].state is None


def test_sheets_fold_into_each_other_and_are_named_in_problems() -> None:
    taken = read_import("email,name\na@x.jp,\nnobody\n", "email,status\nA@x.jp,unsubscribed\n")
    (row,) = taken.rows
    assert row.state is SubscriptionState.UNSUBSCRIBED
    assert taken.problems == (RowProblem(3, "email: there is no @ in it", "readers.csv"),)


def test_a_newsletter_given_for_all_counts_for_whoever_is_in_several() -> None:
    sheet = open_sheet("email,newsletter\na@x.jp,daily\na@x.jp,weekly\n")
    taken = take(Intake([sheet], UTC, newsletter_id="weekly"))
    assert [row.newsletter_id for row in taken.rows] == ["weekly"]


def test_endless_problems_are_counted_and_the_first_are_listed() -> None:
    intake = Intake([open_sheet("email\n" + "nobody\n" * (MAX_LISTED + 5))], UTC)
    assert list(intake.stream_rows()) == []
    assert (intake.outline.problem_count, len(intake.outline.problems)) == (
        MAX_LISTED + 5,
        MAX_LISTED,
    )


@given(st.lists(st.integers(0, 20)))
def test_numbers_that_come_again_are_found(numbers: list[int]) -> None:
    tally = Tally()
    for number in numbers:
        tally.add(number)
    repeated = frozenset[int]().union(*tally.list_repeated())
    assert repeated == {number for number in numbers if numbers.count(number) > 1}


def test_a_zip_of_sheets_is_read_as_if_they_were_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x/subscribed_1.csv", "Email Address,LEID,EUID\na@x.jp,1,e\n")
        archive.writestr("x/unsubscribed_1.csv", "Email Address,UNSUB_TIME\na@x.jp,2024-05-01\n")
        archive.writestr("__MACOSX/x/subscribed_1.csv", "rubbish")
        archive.writestr("readme.md", "rubbish")
    with open_sheets([path]) as sheets:
        taken = take(Intake(sheets, UTC))
    assert [(row.state, row.sheet) for row in taken.rows] == [
        (SubscriptionState.UNSUBSCRIBED, "subscribed_1.csv")
    ]
    assert taken.problems == ()


def test_a_damaged_zip_is_told(tmp_path: Path) -> None:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", "email\n" + "".join(f"r{n}@x.jp\n" for n in range(50)))
    path = tmp_path / "export.zip"
    path.write_bytes(whole.getvalue()[:40] + b"\xff" * 30 + whole.getvalue()[70:])
    with pytest.raises(UsageError, match="cannot be read"), open_sheets([path]) as sheets:
        take(Intake(sheets, UTC))


def test_a_zip_without_a_sheet_is_told(tmp_path: Path) -> None:
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.json", "{}")
    with pytest.raises(UsageError, match="holds no sheet"), open_sheets([path]):
        pass


def test_tags_are_topics_only_where_a_newsletter_offers_them() -> None:
    tags = TagReader({"weekly": ["銭湯", "AI"]})
    assert tags.read("weekly", ["ai", "VIP", "ＡＩ", "銭湯"]) == ("AI", "銭湯")
    assert tags.read("daily", ["VIP"]) == ()
    assert tags.list_ignored() == [("VIP", 2)]
