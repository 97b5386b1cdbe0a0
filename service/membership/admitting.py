"""Sign-ups answered by mail: after the form's own answer, and within the caps of the hour."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from service.audience.addresses import hide_addresses
from service.errors import NotAllowedError
from service.membership.answering import Portion
from service.membership.register import Register
from service.model.editor import Actor
from service.store import signups
from service.store.audit import record_action
from service.store.database import Database
from service.store.installation import find_installation

log = structlog.get_logger(__name__)

KEEP_FOR = timedelta(days=2)
"""A sign-up that could not be answered for so long has to be made again."""

_PORTION = 10
"""Addresses of one transaction: a form that is sent meanwhile waits for no more than that."""


@dataclass(frozen=True, slots=True)
class Admitted:
    """What became of the sign-ups that were due: mails planned, and how many must wait on."""

    mails: int
    held: int


def admit_signups(database: Database, register: Register, now: datetime) -> Admitted:
    """Answer every sign-up that may be answered now, a few in each transaction.

    New readers, and those who left, are asked to confirm; readers are reminded; addresses that
    must not be written to get nothing. What a cap stops waits for the next hour or day, and all
    of them while no mail may leave: it would be wrong on the day it left.
    """
    mails = held = 0
    while _may_write(database, register):
        with database.writing() as connection:
            waiting = signups.list_waiting_signups(connection, now, _PORTION)
            if not waiting:
                signups.drop_old_signups(connection, now - KEEP_FOR)
                break
            portion = Portion(connection, register, waiting, now)
            portion.answer()
        mails += len(portion.batch_ids)
        held += len(portion.held)
    if mails or held:
        log.info("sign-ups are answered", mails=mails, held=held)
    return Admitted(mails, held)


def admit_domain(
    database: Database, register: Register, domain: str, now: datetime, *, by: Actor
) -> Admitted:
    """Answer everybody at a domain now, whatever the caps of the hour say: somebody has looked.

    Who was asked today already, or too often, is not asked again. Raises NotAllowedError while no
    mail may leave. The first transaction writes down who began, and how many waited.
    """
    if not _may_write(database, register):
        raise NotAllowedError("no mail may leave now; `kawaraban doctor` says why")
    mails = held = 0
    after = ""
    while True:
        with database.writing() as connection:
            waiting = signups.list_signups_at(connection, domain, after, _PORTION)
            if not waiting:
                return Admitted(mails, held)
            if not after:
                count = signups.count_signups_at(connection, domain)
                detail = {"domain": hide_addresses(domain), "count": count}
                record_action(connection, by, "signups.let_go", "signups", detail, now)
            portion = Portion(connection, register, waiting, now, is_capped=False)
            portion.answer()
        after = waiting[-1].signup.address
        mails += len(portion.batch_ids)
        held += len(portion.held)


def drop_signups(database: Database, domain: str, now: datetime, *, by: Actor) -> int:
    """Forget the sign-ups that wait for addresses at a domain; how many."""
    with database.writing() as connection:
        dropped = signups.drop_domain(connection, domain)
        if dropped:
            detail = {"domain": hide_addresses(domain), "count": dropped}
            record_action(connection, by, "signups.drop", "signups", detail, now)
    return dropped


def _may_write(database: Database, register: Register) -> bool:
    with database.reading() as connection:
        is_held = find_installation(connection).is_send_held
    return register.sender.is_complete and not is_held
