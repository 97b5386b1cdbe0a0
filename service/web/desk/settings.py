"""Who works here: one's own account, and for owners everybody's, their programs and the log."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import Form
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from service.audience.addresses import normalise_address
from service.errors import AddressError, UsageError
from service.model.editor import Role, Scope
from service.model.languages import name_language
from service.staff import (
    add_editor,
    change_account,
    end_session,
    issue_token,
    remove_editor,
    revoke_token,
    set_role,
)
from service.store.api_tokens import list_api_tokens
from service.store.audit import list_actions
from service.store.editors import list_editors
from service.store.sign_ins import list_sessions
from service.web.desk.desk import Desk
from service.web.desk.log_view import show_log
from service.web.desk.visits import visit_of
from service.web.desk.work_words import name_role, name_scope
from service.words.catalogues import list_languages

_PAGE = 100
_LONGEST_NAME = 100
_LIFETIMES = (30, 90, 365, 0)


class Settings:
    """The pages under /desk/settings."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._works = desk.works
        root, owner = "/desk/settings", Role.OWNER
        desk.page(root, self.show_account)
        desk.action(root, self.change_account, needs=Role.VIEWER)
        desk.action(f"{root}/sessions/{{session_id}}/end", self.end_session, needs=Role.VIEWER)
        desk.page(f"{root}/editors", self.show_editors, needs=owner)
        desk.action(f"{root}/editors", self.add_editor, needs=owner)
        desk.action(f"{root}/editors/{{editor_id}}/role", self.set_role, needs=owner)
        desk.action(f"{root}/editors/{{editor_id}}/remove", self.remove_editor, needs=owner)
        desk.page(f"{root}/tokens", self.show_tokens, needs=owner)
        desk.action(f"{root}/tokens", self.issue_token, needs=owner)
        desk.action(f"{root}/tokens/{{token_id}}/revoke", self.revoke_token, needs=owner)
        desk.page(f"{root}/log", self.show_log, needs=owner)

    def show_account(self, request: Request) -> Response:
        """One's own name and language, and where one is signed in."""
        visit, now = visit_of(request), self._works.clock()
        with self._works.database.reading() as connection:
            sessions = list_sessions(connection, now, visit.editor.editor_id)
        return self._desk.render(
            request,
            "desk/settings.html",
            {
                "role": name_role(visit.voice, visit.editor.role),
                "languages": [(one, name_language(one)) for one in list_languages()],
                "sessions": [
                    (one, self._desk.write_moment(request, one.seen_at)) for one in sessions
                ],
            },
        )

    def change_account(
        self,
        request: Request,
        name: Annotated[str, Form()] = "",
        language: Annotated[str, Form()] = "",
    ) -> Response:
        """Change one's own name and language."""
        works, visit = self._works, visit_of(request)
        spoken = language if language in list_languages() else ""
        change_account(
            works.database,
            visit.editor.editor_id,
            _clean(name),
            spoken,
            works.clock(),
            by=visit.actor,
        )
        return self._desk.done("/desk/settings", "saved")

    def end_session(self, request: Request, session_id: int) -> Response:
        """Sign a browser of one's own out; an owner, anybody's."""
        visit, now = visit_of(request), self._works.clock()
        with self._works.database.reading() as connection:
            theirs = None if visit.may(Role.OWNER) else visit.editor.editor_id
            known = {one.session_id for one in list_sessions(connection, now, theirs)}
        if session_id not in known:
            raise HTTPException(404)
        end_session(self._works.database, session_id, now, by=visit.actor)
        return self._desk.done("/desk/settings", "session-ended")

    def show_editors(self, request: Request) -> Response:
        """Everybody who may sign in, and when they were here last."""
        voice, now = visit_of(request).voice, self._works.clock()
        with self._works.database.reading() as connection:
            editors = list_editors(connection)
            sessions = list_sessions(connection, now)
        seen = {
            one.editor.editor_id: self._desk.write_moment(request, one.seen_at)
            for one in sessions[::-1]
        }
        return self._desk.render(
            request,
            "desk/editors.html",
            {
                "editors": [(one, seen.get(one.editor_id, "")) for one in editors],
                "roles": [(role, name_role(voice, role)) for role in Role],
            },
        )

    def add_editor(
        self,
        request: Request,
        address: Annotated[str, Form()],
        role: Annotated[Role, Form()],
        name: Annotated[str, Form()] = "",
    ) -> Response:
        """Let somebody sign in."""
        try:
            known = normalise_address(address)
        except AddressError as error:
            raise UsageError(
                "that is not an address that mail can reach: {reason}", reason=error
            ) from error
        works, actor = self._works, visit_of(request).actor
        add_editor(works.database, known, _clean(name), role, works.clock(), by=actor)
        return self._desk.done("/desk/settings/editors", "editor-added")

    def set_role(self, request: Request, editor_id: int, role: Annotated[Role, Form()]) -> Response:
        """Let an editor do more or less."""
        works, actor = self._works, visit_of(request).actor
        set_role(works.database, editor_id, role, works.clock(), by=actor)
        return self._desk.done("/desk/settings/editors", "saved")

    def remove_editor(self, request: Request, editor_id: int) -> Response:
        """Let somebody sign in no more."""
        works, actor = self._works, visit_of(request).actor
        remove_editor(works.database, editor_id, works.clock(), by=actor)
        return self._desk.done("/desk/settings/editors", "editor-removed")

    def show_tokens(self, request: Request, *, token: str = "") -> Response:
        """What programs may use the API, and, right after it was made, a new token."""
        voice = visit_of(request).voice
        with self._works.database.reading() as connection:
            tokens = list_api_tokens(connection)
        return self._desk.render(
            request,
            "desk/tokens.html",
            {
                "fresh": token,
                "tokens": [
                    (
                        one,
                        voice.join([name_scope(voice, scope) for scope in sorted(one.scopes)]),
                        self._desk.write_moment(request, one.used_at) if one.used_at else "",
                        self._desk.write_moment(request, one.expires_at) if one.expires_at else "",
                    )
                    for one in tokens
                ],
                "scopes": [(scope, name_scope(voice, scope)) for scope in Scope],
                "lifetimes": _LIFETIMES,
            },
        )

    def issue_token(
        self,
        request: Request,
        name: Annotated[str, Form()],
        scopes: Annotated[list[Scope] | None, Form()] = None,
        days: Annotated[int, Form(ge=0, le=3650)] = 90,
    ) -> Response:
        """Make a token, and show it this once: there is no redirect, or it would be kept."""
        works, now = self._works, self._works.clock()
        _, token = issue_token(
            works.database,
            _clean(name),
            scopes or [],
            by=visit_of(request).actor,
            now=now,
            expires_at=now + timedelta(days=days) if days else None,
        )
        return self.show_tokens(request, token=token)

    def revoke_token(self, request: Request, token_id: int) -> Response:
        """Let a token count no more."""
        works, actor = self._works, visit_of(request).actor
        revoke_token(works.database, token_id, works.clock(), by=actor)
        return self._desk.done("/desk/settings/tokens", "token-revoked")

    def show_log(self, request: Request, before: int | None = None) -> Response:
        """What was done, the newest first."""
        voice, newsletters = visit_of(request).voice, self._works.press.newsletters
        titles = {name: one.title for name, one in newsletters.items()}
        with self._works.database.reading() as connection:
            entries = list_actions(connection, before=before, limit=_PAGE)
        older = f"/desk/settings/log?before={entries[-1].audit_id}" if len(entries) == _PAGE else ""
        return self._desk.render(
            request,
            "desk/log.html",
            {
                "lines": show_log(voice, self._desk.publication, titles, entries),
                "older": older,
            },
        )


def _clean(text: str) -> str:
    """A name as people write it: one line, not endless."""
    return " ".join(text.split())[:_LONGEST_NAME]
