"""Who works here: editors, their browsers, programs' tokens, and the log of what was done."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query
from pydantic import Field
from starlette.requests import Request

from service.audience.addresses import normalise_address
from service.errors import UsageError
from service.model.editor import ActorKind, ApiToken, AuditEntry, Editor, Role, Scope, Session
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
from service.store.editors import find_editor, list_editors
from service.store.sign_ins import list_sessions
from service.web.api.api import Api
from service.web.api.fields import (
    Address,
    Asked,
    AskedMoment,
    Filter,
    Limit,
    Line,
    Moment,
    Name,
    Number,
    NumberCursor,
    Page,
    Shown,
)
from service.web.api.gate import actor_of
from service.web.api.problems import NotFoundError
from service.words.catalogues import list_languages


class ShownEditor(Shown):
    """Somebody who may sign in. `language` is "" for the publication's."""

    editor: int = Field(validation_alias="editor_id")
    address: str
    name: str
    role: Role
    language: str
    created_at: Moment


class ShownSession(Shown):
    """A browser in which somebody is signed in."""

    session: int
    editor: int
    name: str
    role: Role
    device: str
    created_at: Moment
    seen_at: Moment
    expires_at: Moment


class ShownToken(Shown):
    """What a program shows; the token itself is not kept."""

    token: int = Field(validation_alias="api_token_id")
    name: str
    scopes: list[Scope]
    created_at: Moment
    created_by: str
    used_at: Moment | None
    expires_at: Moment | None


class NewToken(Shown):
    """A token, shown this once."""

    token: int
    secret: str


class ShownAction(Shown):
    """Something that was done, by an editor, a token or at the command line."""

    number: int
    done_at: Moment
    by: ActorKind
    name: str
    action: str
    subject: str
    detail: dict[str, Any]


class EditorAsked(Asked):
    """Somebody who is to be let in."""

    address: Address
    role: Role
    name: Line = ""


class EditorChanged(Asked):
    """What is otherwise with an editor from now on; what is left out stays as it is."""

    role: Role | None = None
    name: Line | None = None
    language: Annotated[str | None, Field(max_length=35, pattern="^[A-Za-z0-9-]*$")] = None


class TokenAsked(Asked):
    """What a program is to be allowed, and until when; null: until it is revoked."""

    name: Name
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=len(Scope))]
    expires_at: AskedMoment | None = None


class Staff:
    """The addresses under /editors, /sessions, /tokens and /audit."""

    def __init__(self, api: Api) -> None:
        self._api = api
        admin = Scope.ADMIN
        api.show("/editors", self.list_editors, needs=admin)
        api.act("/editors", self.add_editor, needs=admin, status=201)
        api.act("/editors/{editor}", self.change_editor, needs=admin, method="PATCH")
        api.act("/editors/{editor}", self.remove_editor, needs=admin, method="DELETE", status=204)
        api.show("/sessions", self.list_sessions, needs=admin)
        api.act("/sessions/{session}", self.end_session, needs=admin, method="DELETE", status=204)
        api.show("/tokens", self.list_tokens, needs=admin)
        api.act("/tokens", self.issue_token, needs=admin, status=201)
        api.act("/tokens/{token}", self.revoke_token, needs=admin, method="DELETE", status=204)
        api.show("/audit", self.list_actions, needs=admin)

    def list_editors(self) -> list[ShownEditor]:
        """Everybody who may sign in, the oldest first."""
        with self._api.database.reading() as connection:
            return [ShownEditor.model_validate(one) for one in list_editors(connection)]

    def add_editor(self, request: Request, asked: EditorAsked) -> ShownEditor:
        """Let somebody sign in; who may already gets this name and role."""
        known, now = normalise_address(asked.address), self._api.clock()
        added = add_editor(
            self._api.database, known, asked.name.strip(), asked.role, now, by=actor_of(request)
        )
        return ShownEditor.model_validate(added)

    def change_editor(self, request: Request, editor: Number, asked: EditorChanged) -> ShownEditor:
        """Let an editor do more or less, or change their name and language."""
        known, database = self._find_editor(editor), self._api.database
        now, actor = self._api.clock(), actor_of(request)
        if asked.language and asked.language not in list_languages():
            spoken = ", ".join(list_languages())
            raise UsageError(f"the desk does not speak {asked.language}; it speaks: {spoken}")
        if asked.role is not None:
            set_role(database, editor, asked.role, now, by=actor)
        if asked.name is not None or asked.language is not None:
            name = known.name if asked.name is None else asked.name.strip()
            language = known.language if asked.language is None else asked.language
            change_account(database, editor, name, language, now, by=actor)
        return ShownEditor.model_validate(self._find_editor(editor))

    def remove_editor(self, request: Request, editor: Number) -> None:
        """Sign somebody out everywhere, and let them in no more."""
        self._find_editor(editor)
        remove_editor(self._api.database, editor, self._api.clock(), by=actor_of(request))

    def list_sessions(self) -> list[ShownSession]:
        """Every browser in which somebody is signed in, the latest seen first."""
        with self._api.database.reading() as connection:
            return [_show_session(one) for one in list_sessions(connection, self._api.clock())]

    def end_session(self, request: Request, session: Number) -> None:
        """Sign a browser out."""
        now = self._api.clock()
        with self._api.database.reading() as connection:
            known = {one.session_id for one in list_sessions(connection, now)}
        if session not in known:
            raise NotFoundError(f"there is no session {session}, or it is over")
        end_session(self._api.database, session, now, by=actor_of(request))

    def list_tokens(self) -> list[ShownToken]:
        """Every token that was not revoked, the oldest first."""
        with self._api.database.reading() as connection:
            return [_show_token(one) for one in list_api_tokens(connection)]

    def issue_token(self, request: Request, asked: TokenAsked) -> NewToken:
        """Make a token; it is shown in this answer and never again."""
        now = self._api.clock()
        if asked.expires_at is not None and asked.expires_at <= now:
            raise UsageError("expires_at is over already: the token would never count")
        number, secret = issue_token(
            self._api.database,
            asked.name.strip(),
            asked.scopes,
            by=actor_of(request),
            now=now,
            expires_at=asked.expires_at,
        )
        return NewToken(token=number, secret=secret)

    def revoke_token(self, request: Request, token: Number) -> None:
        """Let a token count no more, from this moment."""
        with self._api.database.reading() as connection:
            known = {one.api_token_id for one in list_api_tokens(connection)}
        if token not in known:
            raise NotFoundError(f"there is no token {token}")
        revoke_token(self._api.database, token, self._api.clock(), by=actor_of(request))

    def list_actions(
        self,
        subject: Annotated[Filter, Query(description="Such as edition:12.")] = "",
        cursor: NumberCursor = None,
        limit: Limit = 50,
    ) -> Page[ShownAction]:
        """What was done, the newest first."""
        with self._api.database.reading() as connection:
            found = list_actions(connection, subject=subject, before=cursor, limit=limit + 1)
        shown = found[:limit]
        older = str(shown[-1].audit_id) if len(found) > limit else None
        return Page(items=[_show_action(one) for one in shown], next=older)

    def _find_editor(self, editor_id: int) -> Editor:
        with self._api.database.reading() as connection:
            found = find_editor(connection, editor_id)
        if found is None:
            raise NotFoundError(f"there is no editor {editor_id}")
        return found


def _show_session(one: Session) -> ShownSession:
    return ShownSession(
        session=one.session_id,
        editor=one.editor.editor_id,
        name=one.editor.shown_name,
        role=one.editor.role,
        device=one.device,
        created_at=one.created_at,
        seen_at=one.seen_at,
        expires_at=one.expires_at,
    )


def _show_token(one: ApiToken) -> ShownToken:
    shown = ShownToken.model_validate(one)
    return shown.model_copy(update={"scopes": sorted(shown.scopes)})


def _show_action(one: AuditEntry) -> ShownAction:
    return ShownAction(
        number=one.audit_id,
        done_at=one.done_at,
        by=one.actor.kind,
        name=one.actor.name,
        action=one.action,
        subject=one.subject,
        detail=one.detail,
    )
