"""Posts and files: their verdicts, what the gate found, and an editor's word on them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import Query
from pydantic import Field
from sqlalchemy import Connection
from starlette.requests import Request

from service.model.edition import EditionState
from service.model.editor import Scope
from service.model.newsletter import Cadence
from service.model.post import Hold, Level, Post, Verdict
from service.scanning import describe_stand, hold_posts_by_hand, release_mass, release_posts
from service.store.post_history import list_appearances
from service.store.post_list import list_file_page, list_post_page
from service.store.post_paths import list_former_paths
from service.store.post_query import PostQuery
from service.store.posts import find_posts
from service.web.api.api import Api
from service.web.api.fields import (
    Asked,
    AskedMoment,
    Cursor,
    Filter,
    Limit,
    Line,
    Moment,
    Number,
    NumberCursor,
    Page,
    Shown,
)
from service.web.api.gate import actor_of
from service.web.api.problems import NotFoundError

HELD_NOTE = "held by a program"
RELEASED_NOTE = "released by a program"
"""What a program that gives no reason is taken to say."""


class ShownFinding(Shown):
    """Something that a rule of the gate found in a post."""

    rule: str
    level: Level
    message: str
    line: int | None
    quote: str


class PostSummary(Shown):
    """A post as lists show it. `hold` says what keeps it out of mail, null for nothing.

    `stand` is another word once what it says, or what holds it, has changed.
    """

    post: int
    id: str
    path: str
    title: str
    url: str
    language: str
    verdict: Verdict
    published_at: Moment
    changed_at: Moment
    first_seen_at: Moment
    categories: list[str]
    tags: list[str]
    hold: Hold | None
    hold_note: str
    released_at: Moment | None
    stand: str
    findings: list[ShownFinding]


class PostAppearance(Shown):
    """An edition that names a post; `readers` got it, of whom so many mails were accepted."""

    edition: int = Field(validation_alias="edition_id")
    newsletter: str = Field(validation_alias="newsletter_id")
    cadence: Cadence | None
    state: EditionState
    frozen_at: Moment | None
    readers: int
    accepted: int


class FormerPlace(Shown):
    """Where the file of a post once lay."""

    path: str
    left_at: Moment


class PostDetail(PostSummary):
    """Everything known of a post."""

    summary: str
    authors: list[str]
    updated_at: Moment
    expires_at: Moment | None
    is_in_feeds: bool
    is_mailable: bool
    is_pinned: bool
    former_paths: list[FormerPlace]
    former_urls: list[str]
    mailed_in: list[PostAppearance]


class ShownFile(Shown):
    """A file that is no post, or cannot be read as one, and why."""

    path: str
    verdict: Verdict
    code: str
    message: str
    line: int | None


class Note(Asked):
    """Why, for whoever looks later."""

    note: Line = ""


class MassReleased(Asked):
    """Which posts may go: those that came together at a moment, or all; and why."""

    seen_at: AskedMoment | None = None
    note: Line = ""


class Released(Shown):
    """The posts that were held and may go now."""

    posts: list[int]


class Posts:
    """The addresses under /posts and /files."""

    def __init__(self, api: Api) -> None:
        self._api = api
        api.show("/posts", self.list_posts)
        api.show("/posts/{post}", self.show_post)
        api.act("/posts/{post}/hold", self.hold_post, needs=Scope.POSTS)
        api.act("/posts/{post}/release", self.release_post, needs=Scope.POSTS)
        api.act("/posts/release-mass", self.release_mass, needs=Scope.POSTS)
        api.show("/files", self.list_files)

    def list_posts(
        self,
        search: Annotated[Filter, Query(description="In title or path.")] = "",
        verdict: Annotated[Verdict | None, Query(description="Only those with this one.")] = None,
        hold: Annotated[Hold | None, Query(description="Only those that this holds.")] = None,
        category: Annotated[Filter, Query(description="Only those of this category.")] = "",
        newsletter: Annotated[Filter, Query(description="Only what was news for this one.")] = "",
        is_held: Annotated[
            bool, Query(description="Only what anything keeps out of mail.")
        ] = False,
        has_findings: Annotated[
            bool, Query(description="Only what the gate stumbled over.")
        ] = False,
        is_mailed: Annotated[
            bool | None, Query(description="Only what was mailed, or only what never was.")
        ] = None,
        cursor: NumberCursor = None,
        limit: Limit = 50,
    ) -> Page[PostSummary]:
        """Posts whose file is there, the newest first."""
        asked = PostQuery(
            search=search,
            verdict=verdict,
            is_held=is_held,
            hold=hold,
            has_findings=has_findings,
            category=category,
            newsletter_id=newsletter,
            is_mailed=is_mailed,
        )
        now = self._api.clock()
        with self._api.database.reading() as connection:
            found = list_post_page(connection, asked, now, before=str(cursor or ""), limit=limit)
        return Page(
            items=[PostSummary.model_validate(_describe(one, now)) for one in found.posts],
            next=found.older or None,
        )

    def show_post(self, post: Number) -> PostDetail:
        """One post: what it says, what was found in it, and which editions named it."""
        with self._api.database.reading() as connection:
            return _show_whole(connection, find_or_miss(connection, post), self._api.clock())

    def hold_post(self, request: Request, post: Number, said: Note) -> PostDetail:
        """Keep a post out of mail until it is released; feeds show it all the same."""
        note, now = said.note or HELD_NOTE, self._api.clock()
        self._find(post)
        hold_posts_by_hand(self._api.database, [post], now, note, by=actor_of(request))
        return self.show_post(post)

    def release_post(self, request: Request, post: Number, said: Note) -> PostDetail:
        """Let a held or late post become news, with the next pass."""
        note, now = said.note or RELEASED_NOTE, self._api.clock()
        self._find(post)
        release_posts(self._api.database, [post], now, note, by=actor_of(request))
        return self.show_post(post)

    def release_mass(self, request: Request, asked: MassReleased) -> Released:
        """Let all posts become news that are held because many came at once.

        `hold=mass` lists them at `GET /posts`; their `first_seen_at` says which came together.
        """
        note, now = asked.note or RELEASED_NOTE, self._api.clock()
        released = release_mass(
            self._api.database, now, note, seen_at=asked.seen_at, by=actor_of(request)
        )
        return Released(posts=[one.post_id for one in released])

    def list_files(
        self,
        verdict: Annotated[
            Verdict, Query(description="Which verdict; quarantined ones cannot be read.")
        ] = Verdict.QUARANTINED,
        search: Annotated[Filter, Query(description="In the path.")] = "",
        cursor: Cursor = "",
        limit: Limit = 50,
    ) -> Page[ShownFile]:
        """Files with a verdict, by path; those that cannot be read unless another is asked for."""
        with self._api.database.reading() as connection:
            found, after = list_file_page(connection, verdict, search, after=cursor, limit=limit)
        return Page(items=[ShownFile.model_validate(one) for one in found], next=after or None)

    def _find(self, post_id: int) -> None:
        with self._api.database.reading() as connection:
            find_or_miss(connection, post_id)


def find_or_miss(connection: Connection, post_id: int) -> Post:
    """One post; raises NotFoundError when there is none."""
    found = find_posts(connection, [post_id])
    if post_id not in found:
        raise NotFoundError(f"there is no post {post_id}")
    return found[post_id]


def _describe(post: Post, now: datetime) -> dict[str, object]:
    return {
        "post": post.post_id,
        "id": post.uid,
        "path": post.path,
        "title": post.title,
        "url": post.url,
        "language": post.language,
        "verdict": post.verdict(now),
        "published_at": post.published_at,
        "changed_at": post.changed_at,
        "first_seen_at": post.first_seen_at,
        "categories": list(post.categories),
        "tags": list(post.tags),
        "hold": post.hold,
        "hold_note": post.hold_note,
        "released_at": post.released_at,
        "stand": describe_stand(post),
        "findings": list(post.findings),
    }


def _show_whole(connection: Connection, post: Post, now: datetime) -> PostDetail:
    return PostDetail.model_validate(
        {
            **_describe(post, now),
            "summary": post.summary,
            "authors": [author.name for author in post.authors],
            "updated_at": post.updated_at,
            "expires_at": post.expires_at,
            "is_in_feeds": post.in_feeds,
            "is_mailable": post.mailable,
            "is_pinned": post.pinned,
            "former_paths": list_former_paths(connection, post.post_id),
            "former_urls": list(post.former_urls),
            "mailed_in": list_appearances(connection, post.post_id),
        }
    )
