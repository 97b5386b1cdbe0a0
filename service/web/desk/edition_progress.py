"""A send watched live: server-sent events, each the same for everybody who looks on."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

from babel.dates import format_timedelta
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from service.errors import NotAllowedError
from service.model.edition import EditionState
from service.web.desk.desk import Desk
from service.web.desk.edition_door import ROOT, EditionDoor
from service.web.desk.edition_words import name_ends
from service.web.desk.progress import BEING_MADE, Board, Progress, read_progress
from service.web.desk.visits import DESK_HEADERS, visit_of
from service.words.voice import Voice

_EVERY = 1.0
_TELLS_FOR = 8.0
"""Seconds after which a browser asks anew: so that whoever was signed out sees no more, and a
server that is stopped need not wait for those who look on."""

_AGAIN = "retry: 250\n\n"


class Watching:
    """The stream behind an edition's page."""

    def __init__(self, desk: Desk, door: EditionDoor) -> None:
        self._door = door
        works = desk.works
        self.board = Board(lambda number: read_progress(works.database, number, works.clock()))
        desk.page(f"{ROOT}/{{edition_id}}/progress", self.stream)

    def stream(self, request: Request, edition_id: int, state: str = "") -> Response:
        """Tell how far the edition is until it leaves the state that the page was made in."""
        self._door.find(edition_id)
        told = self._tell(edition_id, state, visit_of(request).voice)
        # A proxy that collects answers would keep all of it to the end.
        headers = {**DESK_HEADERS, "X-Accel-Buffering": "no"}
        return StreamingResponse(told, media_type="text/event-stream", headers=headers)

    async def _tell(self, edition_id: int, state: str, voice: Voice) -> AsyncIterator[str]:
        yield _AGAIN
        ends_at, before = asyncio.get_running_loop().time() + _TELLS_FOR, ""
        while asyncio.get_running_loop().time() < ends_at:
            try:
                progress = await self.board.look(edition_id)
            except NotAllowedError:
                return
            told = json.dumps(say_progress(voice, progress), ensure_ascii=False)
            if told != before:
                yield f"event: count\ndata: {told}\n\n"
                before = told
            now = progress.reading.state
            if now != state or not progress.reading.is_under_way:
                yield f"event: turn\ndata: {now}\n\n"
                return
            await asyncio.sleep(_EVERY)


def say_progress(voice: Voice, progress: Progress) -> dict[str, object]:
    """What the page shows of it, words by the name of their place.

    The share is from 0 to 1, None while nobody knows of how many.
    """
    count = progress.reading.accounting
    words = {name: f"{many:,}" for _, many, name in name_ends(voice, count)}
    if progress.reading.state in BEING_MADE:
        found = voice.say_count("{count} reader so far", "{count} readers so far", count.frozen)
        return {"share": None, "words": words | {"settled": found}}
    words["settled"] = voice.say(
        "{settled} of {frozen}",
        settled=f"{progress.reading.settled:,}",
        frozen=f"{count.frozen:,}",
    )
    words["rate"] = _say_rate(voice, progress)
    words["ends"] = _say_end(voice, progress)
    share = progress.reading.settled / count.frozen if count.frozen else 0.0
    return {"share": round(share, 4), "words": words}


def _say_rate(voice: Voice, progress: Progress) -> str:
    is_sending = progress.reading.state is EditionState.SENDING
    if not progress.rate or not is_sending or not progress.reading.accounting.waiting:
        return "–"
    return voice.say("{rate} a second", rate=f"{progress.rate:,.0f}")


def _say_end(voice: Voice, progress: Progress) -> str:
    left, count = progress.ends_in, progress.reading.accounting
    if count.unknown and not count.waiting:
        return voice.say("once the unknown are settled")
    if left is None:
        return "–"
    return format_timedelta(left, granularity="second", add_direction=True, locale=voice.locale)
