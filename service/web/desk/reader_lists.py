"""Lists of readers: uploaded, looked through, brought in, and what became of each row."""

from __future__ import annotations

from dataclasses import dataclass, field

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from service.audience.exchange import stream_cells
from service.audience.origins import ORIGINS
from service.errors import KawarabanError, UsageError
from service.membership import (
    MOST_LIST_BYTES,
    ListFile,
    bring_in_list,
    drop_list,
    find_list,
    require_terms,
    take_list,
)
from service.model.editor import Role
from service.model.reader_list import ListState, ListTerms, ReaderList
from service.model.subscriber import SubscriptionState
from service.store.imports import list_lists
from service.web.desk.desk import Desk
from service.web.desk.reader_words import (
    list_list_counts,
    name_list_state,
    name_origin,
    say_failure,
)
from service.web.desk.receiving import receive_file
from service.web.desk.visits import DESK_HEADERS, visit_of
from service.web.same_site import refuse_other_sites
from service.web.security import READER_LISTS

_MOST_SHOWN = 50
_LONGEST_SOURCE = 500


@dataclass(slots=True)
class _Upload:
    """On which terms, and under which name, a file arrives."""

    terms: ListTerms = field(default_factory=ListTerms)
    name: str = ""


class ReaderLists:
    """The pages at /desk/readers/lists."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._works = desk.works
        self._folder = desk.parts.uploads
        one = f"{READER_LISTS}/{{list_id}}"
        desk.page(READER_LISTS, self.show_all, needs=Role.EDITOR)
        desk.upload(READER_LISTS, self.take)
        desk.page(one, self.show, needs=Role.EDITOR)
        desk.page(f"{one}/mistakes.csv", self.write_mistakes, needs=Role.EDITOR)
        desk.action(f"{one}/import", self.bring_in)
        desk.action(f"{one}/drop", self.drop)

    def show_all(self, request: Request) -> Response:
        """The form, and the lists of before."""
        voice = visit_of(request).voice
        with self._works.database.reading() as connection:
            lists = list_lists(connection, _MOST_SHOWN)
        newsletters = self._works.register.newsletters.values()
        return self._desk.render(
            request,
            "desk/reader_lists.html",
            {
                "lists": [
                    (
                        one,
                        *name_list_state(voice, one),
                        self._desk.write_moment(request, one.created_at),
                    )
                    for one in lists
                ],
                "newsletters": [(one.newsletter_id, one.title) for one in newsletters],
                "origins": [(one, name_origin(voice, one)) for one in ORIGINS],
                "most": MOST_LIST_BYTES // 1_000_000,
            },
        )

    async def take(self, request: Request) -> Response:
        """Take a list to a file piece by piece, and have it looked through."""
        refuse_other_sites(request, self._desk.publication.service_url)
        upload = _Upload()

        def begin(fields: dict[str, str], name: str) -> None:
            self._desk.refuse_forgery(request, fields.get("csrf", ""))
            upload.name, upload.terms = name, _read_terms(fields)
            require_terms(self._works.register, upload.terms)

        try:
            with ListFile(self._folder) as file:
                await receive_file(request, begin, file.write)
                list_id = await run_in_threadpool(self._keep, request, file, upload)
        except KawarabanError as error:
            return self._desk.refuse(request, error)
        return self._desk.done(f"{READER_LISTS}/{list_id}")

    def show(self, request: Request, list_id: int) -> Response:
        """How far a list is, or what it comes to."""
        voice, one = visit_of(request).voice, self._find(list_id)
        state, kind = name_list_state(voice, one)
        terms, newsletters = one.terms, self._works.register.newsletters
        chosen = newsletters.get(terms.newsletter_id)
        return self._desk.render(
            request,
            "desk/reader_list.html",
            {
                "one": one,
                "state": state,
                "kind": kind,
                "newsletter": chosen.title if chosen else terms.newsletter_id,
                "is_vouched": terms.state is SubscriptionState.ACTIVE,
                "origins": [
                    name_origin(voice, name) for name in one.counts.origins if name in ORIGINS
                ],
                "counts": list_list_counts(voice, one),
                "added": one.counts.report.get("added", 0),
                "says": say_failure(voice, one),
                "is_busy": one.state is ListState.WAITING,
                "is_ready": one.state is ListState.REHEARSED,
                "share": 100 * one.bytes_read // max(one.bytes, 1),
                "created": self._desk.write_moment(request, one.created_at),
                "shown": [(each, voice.retell(each.reason)) for each in one.mistakes[:_MOST_SHOWN]],
                "failure": voice.retell(one.failure),
            },
        )

    def write_mistakes(self, request: Request, list_id: int) -> Response:
        """The rows that were not taken, as a sheet that a spreadsheet may safely open."""
        tell, mistakes = visit_of(request).voice.retell, self._find(list_id).mistakes
        rows = ((one.sheet, str(one.line), tell(one.reason).says) for one in mistakes)
        headers = {
            **DESK_HEADERS,
            "Content-Disposition": f'attachment; filename="mistakes-{list_id}.csv"',
        }
        sheet = "".join(stream_cells(("sheet", "line", "reason"), rows))
        return Response(sheet, headers=headers, media_type="text/csv; charset=utf-8")

    def bring_in(self, request: Request, list_id: int) -> Response:
        """Have a list brought in that was looked through."""
        works, actor = self._works, visit_of(request).actor
        bring_in_list(works.database, list_id, works.clock(), by=actor)
        return self._desk.done(f"{READER_LISTS}/{list_id}")

    def drop(self, request: Request, list_id: int) -> Response:
        """Put a list away with its file; who is in already stays."""
        works, actor = self._works, visit_of(request).actor
        drop_list(works.database, self._folder, list_id, works.clock(), by=actor)
        return self._desk.done(f"{READER_LISTS}/{list_id}", "list-dropped")

    def _keep(self, request: Request, file: ListFile, upload: _Upload) -> int:
        return take_list(
            self._works.database,
            self._works.register,
            file,
            upload.name,
            upload.terms,
            self._works.clock(),
            by=visit_of(request).actor,
        )

    def _find(self, list_id: int) -> ReaderList:
        return find_list(self._works.database, list_id)


def _read_terms(fields: dict[str, str]) -> ListTerms:
    manner = fields.get("as", SubscriptionState.PENDING)
    if manner not in {SubscriptionState.PENDING, SubscriptionState.ACTIVE}:
        raise UsageError("say whether they are asked by mail, or whether you vouch for them")
    is_vouched = manner == SubscriptionState.ACTIVE
    return ListTerms(
        newsletter_id=fields.get("newsletter", ""),
        state=SubscriptionState(manner),
        source=" ".join(fields.get("source", "").split())[:_LONGEST_SOURCE] if is_vouched else "",
        origin=fields.get("origin", ""),
    )
