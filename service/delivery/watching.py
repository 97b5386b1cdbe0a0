"""Editions watched while they leave: one of which too much comes back waits for a person."""

from __future__ import annotations

from dataclasses import replace

import structlog
from sqlalchemy import Connection

from service.model.delivery import Feedback
from service.model.edition import Edition, EditionState
from service.store import feedback
from service.store.editions import list_editions, move_edition

log = structlog.get_logger(__name__)

_LEAST_TAKEN = 200
"""Before so many readers have it, a share of them says nothing."""

_BOUNCED_LIMIT = 0.05
_COMPLAINED_LIMIT = 0.001

_LEAVING = (EditionState.FROZEN, EditionState.SENDING)


def find_trouble(seen: Feedback) -> str:
    """Why an edition of which so much came back must not go on; empty while it may."""
    if seen.taken < _LEAST_TAKEN:
        return ""
    if seen.bounced > seen.taken * _BOUNCED_LIMIT:
        return f"{seen.bounced:,} of {seen.taken:,} bounced, more than 5 %: see who they are"
    if seen.complained > seen.taken * _COMPLAINED_LIMIT:
        return f"{seen.complained:,} of {seen.taken:,} complained, more than 0.1 %: see why"
    return ""


def pause_troubled_editions(connection: Connection) -> list[int]:
    """Pause every edition of which too much came back; what an editor resumed counts anew."""
    paused = []
    for edition in list_editions(connection, states=(*_LEAVING, EditionState.PAUSED)):
        came_back = feedback.count_came_back(connection, edition.edition_id)
        excused = feedback.find_excused(connection, edition.edition_id)
        if edition.state is EditionState.PAUSED:
            _excuse_latecomers(connection, edition, came_back, excused)
        elif (came_back.bounced or came_back.complained) and _pause(
            connection, edition, came_back, excused or Feedback()
        ):
            paused.append(edition.edition_id)
    return paused


def _pause(
    connection: Connection, edition: Edition, came_back: Feedback, excused: Feedback
) -> bool:
    # A million rows are counted only as far as could make a difference.
    news = came_back.since(excused)
    needed = max(_LEAST_TAKEN, news.bounced / _BOUNCED_LIMIT, news.complained / _COMPLAINED_LIMIT)
    at_most = excused.taken + int(needed) + 1
    taken = feedback.count_taken(connection, edition.edition_id, at_most)
    seen = replace(came_back, taken=taken)
    reason = find_trouble(seen.since(excused))
    if not reason or not move_edition(connection, edition, EditionState.PAUSED, reason=reason):
        return False
    _excuse(connection, edition, came_back)
    log.error("edition paused", edition_id=edition.edition_id, reason=reason)
    return True


def _excuse_latecomers(
    connection: Connection, edition: Edition, came_back: Feedback, excused: Feedback | None
) -> None:
    """What comes back of a paused edition is known to whoever resumes it."""
    if excused is not None and replace(excused, taken=0) != came_back:
        _excuse(connection, edition, came_back)


def _excuse(connection: Connection, edition: Edition, came_back: Feedback) -> None:
    everybody = feedback.count_taken(connection, edition.edition_id, 2**62)
    seen = replace(came_back, taken=everybody)
    feedback.record_excused(connection, edition.edition_id, seen)
