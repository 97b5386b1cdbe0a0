from __future__ import annotations

from service.model.post import Verdict
from service.scanning import ScanReport
from service.store.files import FileRow

BROKEN = FileRow("a.md", 1, 1, "d", "r", Verdict.QUARANTINED, "yaml", "no", 2, None)


def _scan(*, new: int = 0, gone: int = 0, quarantined: tuple[FileRow, ...] = ()) -> ScanReport:
    return ScanReport(
        files=3,
        read=new,
        new=new,
        changed=0,
        renamed=0,
        gone=gone,
        held_as_mass=0,
        verdicts={},
        quarantined=quarantined,
        is_first=False,
    )


def test_two_scans_in_a_row_are_counted_as_one() -> None:
    both = _scan(gone=1).after(_scan(new=2, quarantined=(BROKEN,)))
    assert (both.read, both.new, both.gone, both.files) == (2, 2, 1, 3)
    assert both.changed_anything


def test_what_stands_at_the_end_is_what_the_later_scan_says() -> None:
    assert _scan().after(_scan(quarantined=(BROKEN,))).quarantined == ()
