"""One run of an uploaded list: claimed, told how far it is, and concluded, or left to another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path

from service.audience.archives import open_sheets
from service.audience.intake import Intake
from service.audience.origins import ORIGINS
from service.membership.register import Register
from service.membership.sheet_errands import SheetErrand
from service.membership.sorting import ImportReport
from service.model.reader_list import ListCounts, ListMistake, ListState, ReaderList
from service.store import imports
from service.store.database import Database

CLAIM_FOR = timedelta(minutes=2)
"""Nothing that is done between two signs of life takes as long."""

_TOLD_EVERY = timedelta(seconds=1)
_MOST_TAGS = 20


class RunEndedError(Exception):
    """A run that must not go on: the list was put away, taken over, or the process ends."""


class ListRun:
    """A claimed list, and what this run of it comes to; made by `claim`."""

    def __init__(
        self,
        database: Database,
        register: Register,
        one: ReaderList,
        clock: Callable[[], datetime],
        may_go_on: Callable[[], bool],
    ) -> None:
        self.one = one
        self._database = database
        self._register = register
        self._clock = clock
        self._may_go_on = may_go_on
        self._counts = one.counts
        self._bytes_read = 0
        self._told_at = clock()
        self._intake: Intake | None = None

    @classmethod
    def claim(
        cls,
        database: Database,
        register: Register,
        import_id: int,
        clock: Callable[[], datetime],
        may_go_on: Callable[[], bool],
    ) -> ListRun | None:
        """Take a list that nobody else runs; None when it is not to be had."""
        now = clock()
        with database.writing() as connection:
            one = imports.claim_list(connection, import_id, now, now + CLAIM_FOR)
        return None if one is None else cls(database, register, one, clock, may_go_on)

    def run(self, file: Path) -> bool:
        """Look a list through, or bring it in; whether its file is needed no more.

        Raises UsageError for a list that cannot be taken as a whole, OSError for a file that
        cannot be read, RunEndedError when it is not ours to go on with.
        """
        terms = self.one.terms
        origin = ORIGINS[terms.origin] if terms.origin else None
        with open_sheets([file]) as sheets:
            for sheet in sheets:
                sheet.name = self.one.name if sheet.name == file.name else sheet.name
            intake = Intake(
                sheets,
                self._register.publication.zone,
                newsletter_id=terms.newsletter_id or None,
                origin=origin,
            )
            self._intake = intake
            errand = SheetErrand(
                self._database,
                self._register,
                terms.newsletter_id or None,
                terms.state,
                self.one.name,
                terms.source,
                self._clock(),
            )
            errand.require_newsletters(intake.look_through(self._keep_claim))
            self._bring_in(intake, errand)
            self._note_outline(intake, errand)
        is_rehearsed = self.one.is_rehearsal
        return self._conclude(ListState.REHEARSED if is_rehearsed else ListState.DONE, "")

    def fail(self, why: str) -> bool:
        """Write down that it cannot be done; whether its file is needed no more."""
        return self._conclude(ListState.FAILED, why)

    def _bring_in(self, intake: Intake, errand: SheetErrand) -> None:
        rows = intake.stream_rows(self._tell)
        if self.one.is_rehearsal:
            self._counts = ListCounts(attempt=self._counts.attempt)
            errand.foresee(rows, self._take)
            return
        # What an earlier run has brought in is counted already.
        for _ in islice(rows, self._counts.taken):
            pass
        errand.bring_in(rows, self._take)

    def _take(self, found: ImportReport, rows: int) -> None:
        report = Counter(self._counts.report)
        report.update(asdict(found))
        taken = self._counts.taken + rows
        self._counts = replace(self._counts, taken=taken, report=dict(report))
        self._renew()

    def _tell(self, line: int, lines: int) -> None:
        self._bytes_read = self.one.bytes * line // max(lines, 1)
        self._keep_claim(line, lines)

    def _keep_claim(self, _line: int, _lines: int) -> None:
        if self._clock() - self._told_at >= _TOLD_EVERY or not self._may_go_on():
            self._renew()

    def _renew(self) -> None:
        now = self._clock()
        with self._database.writing() as connection:
            if not self._may_go_on():
                # What was taken so far stays counted; who goes on has not failed yet.
                imports.renew_claim(connection, self.one, now, self._bytes_read, self._counts)
                one = replace(self.one, claimed_until=now, counts=self._counts)
                imports.release_claim(connection, one)
                ended = "this process ends"
            elif imports.renew_claim(
                connection, self.one, now + CLAIM_FOR, self._bytes_read, self._counts
            ):
                ended = ""
            else:
                ended = "it was put away, or another process has it"
        if ended:
            raise RunEndedError(ended)
        self.one = replace(self.one, claimed_until=now + CLAIM_FOR)
        self._told_at = now

    def _note_outline(self, intake: Intake, errand: SheetErrand) -> None:
        outline = intake.outline
        self._counts = replace(
            self._counts,
            rows=outline.rows,
            folded=outline.folded,
            strangers=outline.strangers,
            unreadable=outline.problem_count,
            origins=outline.origins,
            ignored=outline.ignored,
            tags=tuple(errand.tags.list_ignored()[:_MOST_TAGS]),
        )

    def _conclude(self, state: ListState, failure: str) -> bool:
        problems = self._intake.outline.problems if self._intake else ()
        mistakes = [ListMistake(one.sheet, one.line, one.reason) for one in problems]
        with self._database.writing() as connection:
            is_ours = imports.conclude_list(
                connection, self.one, state, self._counts, mistakes, failure, self._clock()
            )
        return is_ours and state is not ListState.REHEARSED
