"""An editor's answer by a mailed link: a page first, then the press of a button, once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from service.delivery.consulting import Draft, is_token_of, read_approval_number, read_draft
from service.errors import KawarabanError, TokenError
from service.model.edition import Edition, EditionState
from service.model.editor import Actor, ActorKind, Editor, Role
from service.sending import approve_edition, hold_edition
from service.store.approvals import Approval, answer_approval, find_approval, forget_answer
from service.store.editions import find_edition
from service.store.editors import find_editor
from service.web.desk.desk import Desk
from service.web.desk.edition_lines import name_newsletter
from service.web.desk.edition_words import HELD_BY_MAIL, name_kind, say_reason
from service.web.desk.visits import DESK_HEADERS
from service.web.rendering import PageRenderer
from service.web.same_site import refuse_other_sites
from service.words.catalogues import find_voice
from service.words.voice import Voice

_ANSWERS = ("approve", "hold")


@dataclass(frozen=True, slots=True)
class _Asked:
    """Who was asked about what; `is_open`: their answer would still do something."""

    approval: Approval
    editor: Editor
    edition: Edition

    @property
    def is_changed(self) -> bool:
        """Whether somebody changed the draft since it was mailed."""
        return self.approval.revision != self.edition.revision

    @property
    def is_open(self) -> bool:
        """Whether an answer would still do something, and was not given yet."""
        waits = self.edition.state in (EditionState.DRAFT, EditionState.WAITING)
        return waits and not self.is_changed and not self.approval.answer


class Approving:
    """The door for links in mail; nobody needs to be signed in."""

    def __init__(self, desk: Desk, renderer: PageRenderer) -> None:
        self._desk = desk
        self._works = desk.works
        self._ring = desk.works.register.key_ring
        self._renderer = renderer
        self._voice = find_voice(desk.publication.language)

    def routes(self) -> APIRouter:
        """Where it lives."""
        router = APIRouter()
        path = "/desk/approve/{token}"
        router.add_api_route(path, self.show, methods=["GET", "HEAD"])
        router.add_api_route(path, self.answer, methods=["POST"])
        return router

    def show(self, token: str, hold: str = "") -> Response:
        """The draft, and the two buttons; looking answers nothing."""
        works = self._works
        with works.database.reading() as connection:
            asked = self._find(connection, token)
            if asked is None:
                return self._refuse(self._voice)
            draft = (
                read_draft(connection, works.press, asked.edition, works.clock())
                if asked.is_open
                else None
            )
        voice = self._choose_voice(asked.editor)
        return self._show(voice, asked, draft, is_hold_first=bool(hold))

    def answer(self, request: Request, token: str, answer: Annotated[str, Form()] = "") -> Response:
        """Approve the draft, or hold it, and use the link up."""
        refuse_other_sites(request, self._desk.publication.service_url)
        works, now = self._works, self._works.clock()
        with works.database.writing() as connection:
            asked = self._find(connection, token)
            if asked is None:
                return self._refuse(self._voice)
            is_first = (
                answer in _ANSWERS
                and asked.is_open
                and answer_approval(connection, asked.approval.approval_id, answer, now)
            )
        voice = self._choose_voice(asked.editor)
        if not is_first or not self._settle(asked, answer):
            return self._show(voice, self._find_again(asked), None, status=409)
        return self._thank(voice, asked, answer)

    def _settle(self, asked: _Asked, answer: str) -> bool:
        """Do what was answered; False, and the link counts again, when it cannot be done."""
        works, edition, editor = self._works, asked.edition, asked.editor
        by, now = Actor(ActorKind.EDITOR, editor.editor_id, editor.shown_name), works.clock()
        try:
            if answer == "approve":
                approve_edition(
                    works.database,
                    edition.edition_id,
                    now,
                    by=by,
                    revision=asked.approval.revision,
                    is_by_mail=True,
                )
                works.bell.ring()
            else:
                reason = HELD_BY_MAIL + editor.shown_name
                hold_edition(
                    works.database, edition.edition_id, reason, now, by=by, is_by_mail=True
                )
        except KawarabanError:
            with works.database.writing() as connection:
                forget_answer(connection, asked.approval.approval_id)
            return False
        return True

    def _find(self, connection: Connection, token: str) -> _Asked | None:
        """What a token is for; None unless it counts, and its editor may still answer."""
        try:
            approval = find_approval(connection, read_approval_number(self._ring, token))
            if approval is None or not is_token_of(self._ring, token, approval):
                return None
        except TokenError:
            return None
        editor = find_editor(connection, approval.editor_id)
        if editor is None or not editor.role.allows(Role.EDITOR):
            return None
        return _Asked(approval, editor, find_edition(connection, approval.edition_id))

    def _find_again(self, asked: _Asked) -> _Asked:
        with self._works.database.reading() as connection:
            approval = find_approval(connection, asked.approval.approval_id) or asked.approval
            return _Asked(approval, asked.editor, find_edition(connection, approval.edition_id))

    def _choose_voice(self, editor: Editor) -> Voice:
        return find_voice(editor.language or self._desk.publication.language)

    def _show(
        self,
        voice: Voice,
        asked: _Asked,
        draft: Draft | None,
        *,
        is_hold_first: bool = False,
        status: int = 200,
    ) -> Response:
        edition, publication = asked.edition, self._desk.publication
        leaves = voice.write_moment(publication.localise(edition.freeze_at))
        newsletters = self._works.press.newsletters
        name = name_newsletter(newsletters, edition.newsletter_id)
        return self._render(
            voice,
            {
                "heading": f"{name} ({name_kind(voice, edition)})",
                "lines": _say_where(voice, asked, leaves),
                "edition_id": edition.edition_id,
                "is_open": asked.is_open,
                "is_hold_first": is_hold_first,
                "subject": draft.subject if draft else "",
                "titles": [post.title or post.path for post in draft.posts] if draft else [],
            },
            status,
        )

    def _thank(self, voice: Voice, asked: _Asked, answer: str) -> Response:
        leaves = voice.write_moment(self._desk.publication.localise(asked.edition.freeze_at))
        is_approved = answer == "approve"
        line = (
            voice.say("It leaves at {leaves}, or at once if that is over.", leaves=leaves)
            if is_approved
            else voice.say("It does not leave before somebody approves it at the desk.")
        )
        heading = voice.say("Thank you: approved") if is_approved else voice.say("Held")
        return self._render(voice, _say(heading, [line], asked.edition.edition_id), 200)

    def _refuse(self, voice: Voice) -> Response:
        lines = [voice.say("It is not one of ours, or whoever it was for is no editor any more.")]
        return self._render(voice, _say(voice.say("This link does not count"), lines), 410)

    def _render(self, voice: Voice, context: dict[str, object], status: int) -> Response:
        return self._renderer.render(
            "desk/approve.html",
            {**context, "said": ""},
            status=status,
            language=voice.language,
            headers=DESK_HEADERS,
        )


def _say(heading: str, lines: list[str], edition_id: int = 0) -> dict[str, object]:
    return {
        "heading": heading,
        "lines": lines,
        "edition_id": edition_id,
        "is_open": False,
        "is_hold_first": False,
        "subject": "",
        "titles": [],
    }


def _say_where(voice: Voice, asked: _Asked, leaves: str) -> list[str]:
    """How things stand, and what happens by default."""
    edition = asked.edition
    if asked.approval.answer:
        return [voice.say("This link was used already. What follows is decided at the desk.")]
    if not edition.may_still_change:
        return [voice.say("It left already, or it ended. There is nothing to answer any more.")]
    if edition.state is EditionState.HELD:
        return [
            voice.say("Somebody held it. Please look at it at the desk."),
            say_reason(voice, edition.reason),
        ]
    if asked.is_changed:
        return [
            voice.say("Somebody changed it since this mail was written."),
            voice.say("Please look at it at the desk, and approve or hold it there."),
        ]
    if edition.approved_at is None:
        return [voice.say("It waits, and does not leave before somebody approves it.")]
    return [voice.say("It leaves at {leaves}, unless somebody holds it.", leaves=leaves)]
