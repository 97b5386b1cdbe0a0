"""Those who work at the desk: who they are, what they may do, and what they did."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    """What somebody may do at the desk; each may do all that those below it may."""

    OWNER = "owner"
    EDITOR = "editor"
    VIEWER = "viewer"

    def allows(self, needed: Role) -> bool:
        """Whether this role may do what needs another."""
        return _RANKS[self] >= _RANKS[needed]


_RANKS = {Role.VIEWER: 1, Role.EDITOR: 2, Role.OWNER: 3}


class Scope(StrEnum):
    """What a token of the API may be used for; each stands for itself."""

    READ = "read"
    POSTS = "posts"
    EDITIONS = "editions"
    SEND = "send"
    SUBSCRIBERS = "subscribers"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Editor:
    """One who may sign in. `language` is "" for the publication's."""

    editor_id: int
    address: str
    name: str
    role: Role
    language: str
    created_at: datetime

    @property
    def shown_name(self) -> str:
        """What others see of them."""
        return self.name or self.address


@dataclass(frozen=True, slots=True)
class Session:
    """One browser in which an editor is signed in; its secret is known to that browser alone."""

    session_id: int
    editor: Editor
    device: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class ApiToken:
    """What a program shows to use the API; the token itself was shown once and is not kept."""

    api_token_id: int
    name: str
    scopes: frozenset[Scope]
    created_at: datetime
    created_by: str
    used_at: datetime | None = None
    expires_at: datetime | None = None


class ActorKind(StrEnum):
    """By which door somebody acts."""

    EDITOR = "editor"
    TOKEN = "token"  # noqa: S105 - a kind of actor
    COMMAND = "command"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something; `actor_id` is None at the command line."""

    kind: ActorKind
    actor_id: int | None
    name: str


COMMAND = Actor(ActorKind.COMMAND, None, "kawaraban")
"""Whoever is at the command line: the machine knows who that is, and we do not."""


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Something that was done: an action like edition.approve to a subject like edition:12."""

    audit_id: int
    done_at: datetime
    actor: Actor
    action: str
    subject: str
    detail: dict[str, object] = field(default_factory=dict)
