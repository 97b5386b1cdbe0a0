"""Editors are mailed what needs a person: a notice, once a day for each condition."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import structlog
from sqlalchemy import Connection

from service.delivery.conditions import find_conditions
from service.delivery.facts import read_facts
from service.delivery.press import Press
from service.delivery.reminding import (
    ONE_BY_ONE,
    Told,
    list_settled,
    name_things,
    select_parts,
)
from service.model.condition import Condition, Item, Part
from service.store import told
from service.store.approvals import list_asked
from service.store.database import Database
from service.store.notices import Notice, plan_notice

log = structlog.get_logger(__name__)

PURPOSE = "alert"

_LOG = ""
"""The address under which it is remembered what stands in the log."""

_MOST_LOGGED = 3

Found = Mapping[Condition, Sequence[Item]]


@dataclass(frozen=True, slots=True)
class _Telling:
    """One address (or the log), what it is to be told now, and what may be forgotten of it."""

    address: str
    parts: tuple[Part, ...]
    settled: Sequence[tuple[str, str]]


def tell_editors(
    database: Database,
    press: Press,
    now: datetime,
    *,
    may_leave: bool,
    source: str = "",
) -> Found:
    """Plan the mail that is due to each editor; return every condition that holds.

    Nothing is planned while no mail `may_leave`, nor while the account that would send it is
    paused: it would say tomorrow what is over by then. The log says it instead. `source` is the
    repository that posts are pulled from, empty for a folder.
    """
    with database.reading() as connection:
        facts = read_facts(connection, press, now, source)
        before = told.list_told(connection)
        asked = list_asked(connection)
    found = find_conditions(facts)
    is_open = may_leave and not any(
        one.account == press.account and one.paused_at for one in facts.accounts
    )
    editors = press.publication.editors
    tellings = [
        _compose_telling(
            _leave_out_asked(found, asked, address), before.get(address, {}), address, press, now
        )
        for address in (editors if is_open and editors else (_LOG,))
    ]
    strangers = set(before) - {*editors, _LOG}
    if strangers or any(one.parts or one.settled for one in tellings):
        _write(database, press, tellings, strangers, now)
    return found


def _compose_telling(
    found: Found,
    before: Mapping[tuple[str, str], datetime],
    address: str,
    press: Press,
    now: datetime,
) -> _Telling:
    today = _find_day(press, now)
    days: Told = {thing: _find_day(press, moment) for thing, moment in before.items()}
    return _Telling(address, select_parts(found, days, today), list_settled(found, days, today))


def _leave_out_asked(found: Found, asked: Collection[tuple[str, int]], address: str) -> Found:
    """What is left for somebody who was asked about a draft by a mail of its own.

    One that waits past its time is told of every day, to everybody.
    """
    own = {str(edition_id) for name, edition_id in asked if name == address}
    drafts = found.get(Condition.APPROVAL, ())
    left = tuple(item for item in drafts if item.blocks or item.key not in own)
    rest = {one: left if one is Condition.APPROVAL else items for one, items in found.items()}
    return {one: items for one, items in rest.items() if items}


def _find_day(press: Press, moment: datetime) -> date:
    return moment.astimezone(press.publication.zone).date()


def _write(
    database: Database,
    press: Press,
    tellings: Sequence[_Telling],
    strangers: set[str],
    now: datetime,
) -> None:
    """Plan the notices and remember them, in one transaction."""
    notices = [
        _compose_notice(press, one, now) for one in tellings if one.parts and one.address != _LOG
    ]
    with database.writing() as connection:
        told.forget_addresses(connection, strangers)
        batch_ids = [_plan(connection, press, notice, now) for notice in notices]
        for one in tellings:
            things = [thing for part in one.parts for thing in name_things(part)]
            told.forget_told(connection, one.address, one.settled)
            told.record_told(connection, one.address, things, now)
        press.wake(connection, [batch_id for batch_id in batch_ids if batch_id is not None])
    _log(tellings)


def _compose_notice(press: Press, telling: _Telling, now: datetime) -> Notice:
    publication = press.publication
    rendered = press.renderer.render_alert(
        telling.parts, publication, press.sender, publication.language
    )
    return Notice(
        purpose=PURPOSE,
        topic=_name_topic(telling.parts),
        address=telling.address,
        day=_find_day(press, now),
        rendered=rendered,
    )


def _name_topic(parts: Sequence[Part]) -> str:
    """A name for what a mail tells of: no two mails of a day tell of the same."""
    names = [
        ":".join(thing) if part.condition in ONE_BY_ONE else part.condition
        for part in parts
        for thing in name_things(part)
    ]
    digest = hashlib.sha256("\n".join(dict.fromkeys(names)).encode()).hexdigest()
    return f"{parts[0].condition}:{digest[:16]}"


def _plan(connection: Connection, press: Press, notice: Notice, now: datetime) -> int | None:
    return plan_notice(
        connection,
        notice,
        account=press.account,
        key_prefix=f"kb-{press.installation}",
        now=now,
    )


def _log(tellings: Sequence[_Telling]) -> None:
    mailed = [one for one in tellings if one.parts and one.address != _LOG]
    if mailed:
        told_of = dict.fromkeys(part.condition.value for one in mailed for part in one.parts)
        log.info("editors are told what needs them", mails=len(mailed), conditions=list(told_of))
    for part in (part for one in tellings if one.address == _LOG for part in one.parts):
        log.warning(
            "something needs a person",
            condition=part.condition.value,
            count=len(part.items),
            such_as=[item.values.get("path", item.key) for item in part.items[:_MOST_LOGGED]],
        )
