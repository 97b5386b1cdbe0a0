"""Lists of readers that are uploaded: taken, looked through, brought in, put away.

The road of the desk and of the API. A list is run by a process that has its file; whatever becomes
of that process, another run goes on where it ended, because importing again is harmless.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import structlog

from service.audience.addresses import hide_addresses
from service.audience.origins import ORIGINS
from service.errors import KawarabanError, NotAllowedError, UsageError
from service.membership.list_files import ListFile, remove_list_file
from service.membership.list_runs import ListRun, RunEndedError
from service.membership.register import Register
from service.model.editor import Actor
from service.model.reader_list import DroppedFor, ListTerms, ReaderList
from service.model.subscriber import SubscriptionState
from service.model.wording import word
from service.store import imports
from service.store.audit import record_action
from service.store.database import Database

log = structlog.get_logger(__name__)

MOST_OPEN = 10
"""Lists that wait at the most: their files are not small."""

MOST_ATTEMPTS = 3

_LONGEST_NAME = 120


def take_list(
    database: Database,
    register: Register,
    file: ListFile,
    name: str,
    terms: ListTerms,
    now: datetime,
    *,
    by: Actor,
) -> int:
    """Keep a list that has arrived, to be looked through soon; its number.

    Raises UsageError for an empty one, and for terms that cannot be.
    """
    require_terms(register, terms)
    if not file.size:
        raise UsageError("the file is empty, or none was chosen")
    shown = hide_addresses(name)[-_LONGEST_NAME:] or "list.csv"
    with database.writing() as connection:
        if imports.count_open_lists(connection) >= MOST_OPEN:
            raise NotAllowedError(
                "{most} lists wait already; bring them in or drop them", most=MOST_OPEN
            )
        import_id = imports.add_list(
            connection, shown, file.name, file.size, terms, created_by=by.name, now=now
        )
        detail = {"bytes": file.size}
        record_action(connection, by, "list.upload", f"list:{import_id}", detail, now)
    # Only now: a file without its row would be swept away.
    file.keep()
    return import_id


def require_terms(register: Register, terms: ListTerms) -> None:
    """Raise UsageError for a newsletter or service nobody knows, or vouching without a word."""
    if terms.newsletter_id:
        register.find_newsletter(terms.newsletter_id)
    if terms.origin and terms.origin not in ORIGINS:
        raise UsageError("no service is called so; there is: {known}", known=", ".join(ORIGINS))
    is_vouched = terms.state is SubscriptionState.ACTIVE
    if is_vouched and not terms.source.strip():
        raise UsageError("say where they agreed: it is kept as their consent")
    if terms.source and not is_vouched:
        raise UsageError("where they agreed is said of readers whom you vouch for")


def find_list(database: Database, import_id: int) -> ReaderList:
    """A list by its number; raises NotAllowedError."""
    with database.reading() as connection:
        found = imports.find_list(connection, import_id)
    if found is None:
        raise NotAllowedError("there is no list {list}", list=import_id)
    return found


def bring_in_list(database: Database, import_id: int, now: datetime, *, by: Actor) -> None:
    """Have a list brought in that was looked through; pressing twice is once.

    Raises NotAllowedError for one that was put away, or failed.
    """
    with database.writing() as connection:
        is_asked = imports.ask_to_import(connection, import_id)
        if is_asked:
            record_action(connection, by, "list.import", f"list:{import_id}", {}, now)
    if not is_asked:
        found = find_list(database, import_id)
        if found.is_rehearsal:
            raise NotAllowedError(
                "list {list} cannot be brought in: it is {state}", list=import_id, state=found.state
            )


def drop_list(
    database: Database, folder: Path, import_id: int, now: datetime, *, by: Actor
) -> bool:
    """Put a list away, also while it is brought in: who is in stays; False when it is over."""
    found = find_list(database, import_id)
    with database.writing() as connection:
        is_dropped = imports.drop_list(connection, import_id, DroppedFor.ASKED, now)
        if is_dropped:
            record_action(connection, by, "list.drop", f"list:{import_id}", {}, now)
    if is_dropped:
        remove_list_file(folder, found.file)
    return is_dropped


def run_lists(
    database: Database,
    register: Register,
    folder: Path,
    clock: Callable[[], datetime],
    may_go_on: Callable[[], bool],
) -> int:
    """Run every list that waits and whose file is in the folder; how many were run."""
    with database.reading() as connection:
        waiting = imports.list_runnable(connection, clock())
    runs = 0
    for one in waiting:
        if may_go_on() and (folder / one.file).is_file():
            runs += _run(database, register, folder, one.import_id, clock, may_go_on)
    return runs


def _run(
    database: Database,
    register: Register,
    folder: Path,
    import_id: int,
    clock: Callable[[], datetime],
    may_go_on: Callable[[], bool],
) -> bool:
    run = ListRun.claim(database, register, import_id, clock, may_go_on)
    if run is None:
        return False
    one = run.one
    try:
        if one.counts.attempt > MOST_ATTEMPTS:
            raise UsageError(
                "it was begun {most} times and never came to its end",
                most=MOST_ATTEMPTS,
            )
        is_over = run.run(folder / one.file)
    except RunEndedError as ended:
        log.info("a list is left to whoever has it now", list=import_id, why=str(ended))
        return False
    except (KawarabanError, OSError) as error:
        # What a file system says may name a path of ours, and no more.
        is_ours = isinstance(error, KawarabanError)
        why = str(error).replace(one.file, one.name) if is_ours else word("its file cannot be read")
        log.warning("a list could not be brought in", list=import_id, reason=type(error).__name__)
        is_over = run.fail(why)
    if is_over:
        remove_list_file(folder, one.file)
    return True
