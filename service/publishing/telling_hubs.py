"""Hubs told that feeds changed (WebSub): at least once each, and again while a hub is away."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto
from urllib.parse import urlencode

import structlog

from service.errors import NotSentError, UnsureError
from service.outbound.client import OutboundClient, Reply
from service.store.database import Database
from service.store.pings import (
    HubHealth,
    Ping,
    drop_pings,
    end_ping,
    find_hubs,
    list_due_pings,
    record_hub_failure,
    record_taken,
)

log = structlog.get_logger(__name__)

REST_FOR = timedelta(seconds=5)
"""Between publishing and telling: every web process serves the new bytes by then."""

GIVEN_UP_AFTER = timedelta(hours=24)
"""Readers poll as well, so what is a day old is no news to anybody."""

_CALL_FOR = timedelta(seconds=10)
_FIRST_BACK_OFF = timedelta(seconds=30)
_LONGEST_BACK_OFF = timedelta(hours=1)
_ROUND = 50
_FOR_NOW = frozenset({408, 425, 429})


class _End(Enum):
    """How one call ended: taken, refused for good, or nobody there for now."""

    TAKEN = auto()
    REFUSED = auto()
    AWAY = auto()


@dataclass(frozen=True, slots=True)
class HubPost:
    """What hubs are told with: which there are, who calls them, by which clock."""

    database: Database
    client: OutboundClient
    hubs: tuple[str, ...]
    clock: Callable[[], datetime]


def tell_hubs(post: HubPost, goes_on: Callable[[], bool]) -> int:
    """Send every ping that is due, one call each; how many were taken.

    A hub that does not answer is left alone for a while, longer each time. Ends early when
    `goes_on` says so, between two calls.
    """
    _give_up_old_ones(post)
    taken = 0
    while due := _list_due(post):
        away: set[str] = set()
        for ping in due:
            if not goes_on():
                return taken
            if ping.hub in away:
                continue
            end = _tell(post, ping)
            taken += end is _End.TAKEN
            if end is _End.AWAY:
                away.add(ping.hub)
    return taken


def _give_up_old_ones(post: HubPost) -> None:
    with post.database.reading() as connection:
        if not list_due_pings(connection, post.clock(), post.clock(), 1):
            return
    with post.database.writing() as connection:
        dropped = drop_pings(connection, post.hubs, post.clock() - GIVEN_UP_AFTER)
    if dropped:
        log.warning("pings are given up: their hubs took none for a day", pings=dropped)


def _list_due(post: HubPost) -> list[Ping]:
    now = post.clock()
    with post.database.reading() as connection:
        return list_due_pings(connection, now, now - REST_FOR, _ROUND)


def _tell(post: HubPost, ping: Ping) -> _End:
    """Make one call, and note how it ended."""
    try:
        reply = _call(post.client, ping)
    except (NotSentError, UnsureError) as error:
        return _note_absence(post, ping, str(error), None)
    if 200 <= reply.status < 300:
        return _note_success(post, ping)
    if reply.status >= 500 or reply.status in _FOR_NOW:
        return _note_absence(post, ping, f"it answered {reply.status}", reply.retry_after)
    return _note_refusal(post, ping, f"it answered {reply.status}")


def _call(client: OutboundClient, ping: Ping) -> Reply:
    # Hubs differ in which of the two names they read; one topic a call is what all of them take.
    fields = {"hub.mode": "publish", "hub.url": ping.topic, "hub.topic": ping.topic}
    return client.post(
        ping.hub,
        content=urlencode(fields).encode("ascii"),
        headers={"Content-Type": "application/x-www-form-urlencoded"},
        total_for=_CALL_FOR,
        ready=_go_on,
    )


def _go_on() -> None:
    """Telling a hub twice does no harm, so nothing has to be looked at again."""


def _note_success(post: HubPost, ping: Ping) -> _End:
    """Strike the ping out: the hub is well."""
    health = _find_health(post, ping)
    with post.database.writing() as connection:
        record_taken(connection, ping, post.clock())
    if health.failing_since_at is not None:
        log.info("a hub takes pings again", hub=ping.hub)
    return _End.TAKEN


def _note_absence(post: HubPost, ping: Ping, failure: str, asked_for: timedelta | None) -> _End:
    """Leave the hub alone for a while; its pings wait."""
    health = _find_health(post, ping)
    doubled = _FIRST_BACK_OFF * 2 ** min(health.failures, 10)
    rest_for = min(max(doubled, asked_for or timedelta()), _LONGEST_BACK_OFF)
    _note_failure(post, health, failure, post.clock() + rest_for)
    return _End.AWAY


def _note_refusal(post: HubPost, ping: Ping, failure: str) -> _End:
    """Let the ping go: who says no to it once says no again."""
    _note_failure(post, _find_health(post, ping), failure, None)
    with post.database.writing() as connection:
        end_ping(connection, ping)
    return _End.REFUSED


def _note_failure(
    post: HubPost, health: HubHealth, failure: str, not_before: datetime | None
) -> None:
    with post.database.writing() as connection:
        record_hub_failure(connection, health, failure, post.clock(), not_before)
    if health.failing_since_at is None:
        log.warning("a hub does not take pings", hub=health.hub, reason=failure)


def _find_health(post: HubPost, ping: Ping) -> HubHealth:
    with post.database.reading() as connection:
        return find_hubs(connection, [ping.hub])[0]
