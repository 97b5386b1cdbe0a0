from __future__ import annotations

import pytest

from service.audience.exclusions import Exclusion, read_exclusions
from service.model.subscriber import SuppressionReason
from tests.fakes.paper import open_sheet

BOUNCE, COMPLAINT = SuppressionReason.HARD_BOUNCE, SuppressionReason.COMPLAINT


@pytest.mark.parametrize(
    ("sheet", "found"),
    [
        ("a@example.jp\nB@Example.JP\n", [("a@example.jp", None), ("b@example.jp", None)]),
        ("1,a@example.jp\n2,b@example.jp\n", [("a@example.jp", None), ("b@example.jp", None)]),
        ("address,code,error\na@example.jp,550,No such mailbox\n", [("a@example.jp", None)]),
        ("created,Email,Type\n1,a@example.jp,HardBounce\n", [("a@example.jp", BOUNCE)]),
        ("Recipient;Origin\na@example.jp;Spam Complaint\n", [("a@example.jp", COMPLAINT)]),
        ("email,reason\na@example.jp,550 5.1.1 unknown\n", [("a@example.jp", None)]),
        ("メールアドレス\na@例え.jp\n", [("a@xn--r8jz45g.jp", None)]),
        ("email\n", []),
        ("", []),
    ],
)
def test_lists_of_other_services_are_read(
    sheet: str, found: list[tuple[str, SuppressionReason | None]]
) -> None:
    assert read_exclusions(open_sheet(sheet)) == ([Exclusion(*one) for one in found], [])


def test_rows_that_cannot_be_read_are_told_by_line_and_never_shown() -> None:
    found, problems = read_exclusions(
        open_sheet(b'code,email\n1,nobody\n1\n1,a@example.jp\n1,"b@x.jp\n')
    )

    assert [one.address for one in found] == ["a@example.jp"]
    assert [one.line for one in problems] == [2, 3, 5]
    assert "nobody" not in repr(problems)
    assert "@" not in repr(found)
