"""Sheets of readers that are to be brought in: looked through, then streamed, never held."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from itertools import chain

from service.audience.addresses import normalise_address
from service.audience.cells import parse_line, unguard_cell
from service.audience.exchange import ImportRow, RowProblem
from service.audience.folding import Folder, Tally, number_key
from service.audience.origins import PLAIN, Origin, choose_origin
from service.audience.sheets import Record, Sheet
from service.errors import AddressError, CellError
from service.model.wording import word

MAX_LISTED = 1000
"""Problems that are listed; beyond it they are only counted."""

_TOLD_EVERY = 2000

Tell = Callable[[int, int], None]
"""Told how many lines were read, and how many there are."""


@dataclass(frozen=True, slots=True)
class Named:
    """For which newsletters the rows are; `nameless` is the first that does not say."""

    newsletter_ids: frozenset[str]
    nameless: RowProblem | None


@dataclass(slots=True)
class Outline:
    """What there was in the sheets, apart from readers, as far as they have been streamed.

    `rows` were yielded, `folded` went into one of them, `strangers` are people who never
    subscribed. `problems` lists the first thousand of `problem_count`. `ignored` are headers that
    mean nothing here.
    """

    origins: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    rows: int = 0
    folded: int = 0
    strangers: int = 0
    problem_count: int = 0
    problems: tuple[RowProblem, ...] = ()

    def add_problem(self, problem: RowProblem) -> None:
        """Count a row that cannot be taken, and list it while the list is short."""
        self.problem_count += 1
        if len(self.problems) < MAX_LISTED:
            self.problems += (problem,)


@dataclass(frozen=True, slots=True)
class _Layout:
    """How the rows of one sheet are read: by which origin, where its columns stand."""

    sheet: Sheet
    origin: Origin
    columns: Mapping[str, int]
    width: int
    records: Iterator[Record]
    given: Mapping[str, str]
    ignored: tuple[str, ...] = ()


class Intake:
    """Sheets with their readers; `zone` is where times without an offset were written.

    Each is read as its columns say, or as `origin` does. `newsletter_id` is for whom the rows
    are, whatever they say themselves. Rows on the same address and newsletter fold into the
    first, in whichever sheet they stand.
    """

    def __init__(
        self,
        sheets: Sequence[Sheet],
        zone: tzinfo,
        *,
        newsletter_id: str | None = None,
        origin: Origin | None = None,
    ) -> None:
        self.outline = Outline()
        self._sheets = sheets
        self._zone = zone
        self._newsletter_id = newsletter_id
        self._origin = origin
        self._repeated: list[frozenset[int]] | None = None

    def look_through(self, tell: Tell | None = None) -> Named:
        """Read once who is in the sheets: who is met more than once, and for which newsletters."""
        tally = Tally()
        newsletter_ids: set[str] = set()
        nameless: RowProblem | None = None
        for layout in self._lay_out_all():
            for record in self._tell_of(layout, tell):
                if (key := _find_key(layout, record)) is None:
                    continue
                tally.add(number_key(key))
                newsletter_ids.add(key[1])
                if not key[1] and nameless is None:
                    nameless = RowProblem(record.line, "", layout.given.get("sheet", ""))
        self._repeated = tally.list_repeated()
        return Named(frozenset(newsletter_ids), nameless)

    def stream_rows(self, tell: Tell | None = None) -> Iterator[ImportRow]:
        """Yield every reader once for each newsletter, those met more than once at the end.

        Meanwhile `outline` is written anew.
        """
        if self._repeated is None:
            self.look_through()
        self.outline = Outline()
        parts = self._repeated or [frozenset()]
        repeated = frozenset[int]().union(*parts)
        folder = Folder()
        for row in self._take_rows(tell):
            number = number_key((row.address, row.newsletter_id))
            if number not in repeated:
                self.outline.rows += 1
                yield row
            elif number in parts[0]:
                self.outline.folded += folder.add(row)
        yield from self._pass_on(folder)
        for part in parts[1:]:
            yield from self._pass_on(self._gather(part))

    def _pass_on(self, folder: Folder) -> Iterator[ImportRow]:
        for row in folder.list_rows():
            self.outline.rows += 1
            yield row

    def _gather(self, part: frozenset[int]) -> Folder:
        """Read everything again for readers who did not fit into memory with the others."""
        folder = Folder()
        for layout in self._lay_out_all():
            for record in layout.records:
                key = _find_key(layout, record)
                if key is not None and number_key(key) in part:
                    row = self._read_row(layout, record)
                    if isinstance(row, ImportRow):
                        self.outline.folded += folder.add(row)
        return folder

    def _take_rows(self, tell: Tell | None) -> Iterator[ImportRow]:
        """Yield the rows that can be taken, and note the others."""
        outline = self.outline
        for layout in self._lay_out_all():
            outline.origins = tuple(dict.fromkeys((*outline.origins, layout.origin.name)))
            outline.ignored = tuple(dict.fromkeys((*outline.ignored, *layout.ignored)))
            for record in self._tell_of(layout, tell):
                row = self._read_row(layout, record)
                if isinstance(row, ImportRow):
                    yield row
                elif row is None:
                    outline.strangers += 1
                else:
                    outline.add_problem(row)

    def _tell_of(self, layout: _Layout, tell: Tell | None) -> Iterator[Record]:
        if tell is None:
            yield from layout.records
            return
        at = self._sheets.index(layout.sheet)
        before = sum(sheet.lines for sheet in self._sheets[:at])
        total = sum(sheet.lines for sheet in self._sheets)
        for number, record in enumerate(layout.records):
            if number % _TOLD_EVERY == 0:
                tell(before + record.line, total)
            yield record
        tell(before + layout.sheet.lines, total)

    def _lay_out_all(self) -> Iterator[_Layout]:
        return map(self._lay_out, self._sheets)

    def _lay_out(self, sheet: Sheet) -> _Layout:
        given = {"sheet": sheet.name} if len(self._sheets) > 1 else {}
        if self._newsletter_id is not None:
            given["newsletter"] = self._newsletter_id
        records = sheet.read_records()
        first = next(records, None)
        if first is None:
            return _Layout(sheet, self._origin or PLAIN, {}, 0, iter(()), given)
        origin = self._origin or choose_origin(first.cells)
        if origin.sorts_files:
            given["file"] = sheet.name
        columns, width = origin.find_columns(first.cells), len(first.cells)
        if "email" in columns:
            ignored = _list_ignored(first.cells, columns)
            return _Layout(sheet, origin, columns, width, records, given, ignored)
        columns = _guess_columns(first.cells) if origin is PLAIN else {}
        if "email" not in columns:
            reason = word("nothing was read: name the column of addresses email in the first row")
            records = iter((Record(first.line, (), first.fault or reason),))
            return _Layout(sheet, origin, {}, 0, records, given)
        return _Layout(sheet, origin, columns, width, chain((first,), records), given)

    def _read_row(self, layout: _Layout, record: Record) -> ImportRow | RowProblem | None:
        try:
            return layout.origin.read_row(record.line, _pick(layout, record), self._zone)
        except CellError as error:
            reason = str(error)
        except AddressError as error:
            reason = word("email: {problem}", problem=str(error))
        return RowProblem(record.line, reason, layout.given.get("sheet", ""))


def _pick(layout: _Layout, record: Record) -> dict[str, str]:
    """The cells of a row by the names of its columns; raises CellError."""
    if record.fault:
        raise CellError(record.fault)
    cells = record.cells
    if len(cells) > layout.width and any(map(str.strip, cells[layout.width :])):
        raise CellError("it has more cells than the first row")
    found = {
        column: cells[at] if cells[at][:1] != "'" else unguard_cell(cells[at])
        for column, at in layout.columns.items()
        if at < len(cells)
    }
    found.update(layout.given)
    return found


def _find_key(layout: _Layout, record: Record) -> tuple[str, str] | None:
    """Whom a row is on, and which newsletter; None for one that cannot be taken anyway."""
    at, cells = layout.columns.get("email"), record.cells
    if at is None or at >= len(cells):
        return None
    try:
        address = normalise_address(unguard_cell(cells[at]))
    except AddressError:
        return None
    named = layout.given.get("newsletter")
    if named is None:
        at = layout.columns.get("newsletter")
        named = parse_line(unguard_cell(cells[at])) if at is not None and at < len(cells) else ""
    return address, named


def _list_ignored(header: Sequence[str], columns: Mapping[str, int]) -> tuple[str, ...]:
    # A header with an @ may be somebody's address that slipped up there.
    taken = set(columns.values())
    return tuple(
        cell.strip()
        for at, cell in enumerate(header)
        if at not in taken and cell.strip() and "@" not in cell
    )


def _guess_columns(cells: Sequence[str]) -> dict[str, int]:
    at = next((at for at, cell in enumerate(cells) if _is_address(cell)), None)
    if at is None:
        return {}
    return {"email": at, "name": 1 - at} if len(cells) == 2 else {"email": at}


def _is_address(cell: str) -> bool:
    try:
        normalise_address(cell)
    except AddressError:
        return False
    return True
