"""Posts at the desk: all of them, one with its whole story, and what an editor may say of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from types import MappingProxyType
from typing import Annotated

from fastapi import Form
from sqlalchemy import Connection
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from service.delivery.since_mailed import diff_since_mailed
from service.errors import UsageError
from service.model.languages import name_language
from service.model.post import Hold, Post
from service.publishing import tell_story
from service.scanning import hold_posts_by_hand, release_mass, release_posts
from service.store.files import find_unread_file
from service.store.post_list import (
    count_files,
    count_held,
    count_posts,
    list_categories,
    list_file_page,
    list_languages,
    list_post_page,
)
from service.store.posts import find_posts, load_bodies
from service.web.desk.changed_view import show_changed
from service.web.desk.counted import FoundRules
from service.web.desk.desk import Desk
from service.web.desk.findings import show_findings
from service.web.desk.post_handling import LONGEST_NOTE
from service.web.desk.post_lines import (
    LIST_ROOT,
    PostFilter,
    list_choices,
    list_found,
    show_file,
    show_posts,
)
from service.web.desk.post_view import show_story
from service.web.desk.visits import DESK_HEADERS, visit_of
from service.words.voice import Voice

_ROOT = LIST_ROOT
_FROM_TODAY = "today"

_PREVIEW_HEADERS: Mapping[str, str] = MappingProxyType(
    {
        **DESK_HEADERS,
        # What a post says is cleaned, and yet it is somebody else's: it may be looked at only.
        "Content-Security-Policy": (
            "sandbox; default-src 'none'; img-src data: https: http:; "
            "media-src data: https: http:; style-src 'self'; form-action 'none'; "
            "base-uri 'none'; frame-ancestors 'self'"
        ),
    }
)


class Posts:
    """The pages under /desk/posts."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._works = desk.works
        self._rules = FoundRules()
        desk.page(_ROOT, self.show_list)
        desk.page(f"{_ROOT}/{{post_id}}", self.show_post)
        desk.page(f"{_ROOT}/{{post_id}}/preview", self.show_preview)
        desk.action(f"{_ROOT}/release-mass", self.release_mass)
        desk.action(f"{_ROOT}/{{post_id}}/hold", self.hold)
        desk.action(f"{_ROOT}/{{post_id}}/release", self.release)

    def show_list(
        self,
        request: Request,
        q: str = "",
        verdict: str = "",
        held: str = "",
        found: str = "",
        category: str = "",
        newsletter: str = "",
        mailed: str = "",
        language: str = "",
        before: str = "",
    ) -> Response:
        """Posts, or files that are none, by what is asked for."""
        asked = PostFilter(q, verdict, held, found, category, language, newsletter, mailed)
        with self._works.database.reading() as connection:
            listed = self._list(request, connection, asked, before)
            held_now = count_held(connection)
            choices = self._list_choices(visit_of(request).voice, connection)
        return self._desk.render(
            request,
            "desk/posts.html",
            {
                **listed,
                **choices,
                "asked": asdict(asked),
                "here_with": asked.make_path(before=before),
                "is_asked": asked != PostFilter() or bool(before),
                "newest": asked.make_path() if before else "",
                "held_at_once": held_now.get(Hold.MASS, 0) if asked.query.hold is Hold.MASS else 0,
            },
        )

    def show_post(self, request: Request, post_id: int) -> Response:
        """Everything that is known of one post."""
        voice, now = visit_of(request).voice, self._works.clock()
        with self._works.database.reading() as connection:
            post = _find(connection, post_id)
            newsletters = self._works.press.newsletters
            story = tell_story(connection, self._works.feeds, newsletters.values(), post, now)
            file = find_unread_file(connection, post_id)
            body = load_bodies(connection, [post_id]).get(post_id)
            since = diff_since_mailed(connection, post)
        return self._desk.render(
            request,
            "desk/post.html",
            {
                "post": post,
                "story": show_story(voice, self._desk.publication, newsletters, story),
                "findings": show_findings(voice, post.findings, post, body),
                "fault": show_file(voice, file) if file else None,
                "changed": show_changed(voice, self._desk.publication, since),
            },
        )

    def show_preview(self, request: Request, post_id: int) -> Response:
        """The text of a post as feeds carry it, alone, for the frame around it."""
        with self._works.database.reading() as connection:
            post = _find(connection, post_id)
            body = load_bodies(connection, [post_id]).get(post_id)
        return self._desk.render(
            request,
            "desk/post_preview.html",
            {"post": post, "html": body.html if body else ""},
            headers=_PREVIEW_HEADERS,
        )

    def hold(
        self,
        request: Request,
        post_id: int,
        note: Annotated[str, Form(max_length=LONGEST_NOTE)] = "",
        back: Annotated[str, Form()] = "",
    ) -> Response:
        """Keep a post out of mail until somebody releases it."""
        works, actor = self._works, visit_of(request).actor
        hold_posts_by_hand(works.database, [post_id], works.clock(), note.strip(), by=actor)
        return self._desk.done(_find_way_back(post_id, back), "post-held")

    def release(
        self,
        request: Request,
        post_id: int,
        note: Annotated[str, Form(max_length=LONGEST_NOTE)] = "",
        back: Annotated[str, Form()] = "",
    ) -> Response:
        """Let a held or late post become news."""
        works, actor = self._works, visit_of(request).actor
        release_posts(works.database, [post_id], works.clock(), note.strip(), by=actor)
        return self._desk.done(_find_way_back(post_id, back), "post-released")

    def release_mass(
        self,
        request: Request,
        seen: Annotated[str, Form()] = "",
        note: Annotated[str, Form(max_length=LONGEST_NOTE)] = "",
        back: Annotated[str, Form()] = "",
    ) -> Response:
        """Let all posts go that came at once: those of one scan, or of every one."""
        works, seen_at = self._works, _read_moment(seen)
        released = release_mass(
            works.database,
            works.clock(),
            note.strip(),
            seen_at=seen_at,
            by=visit_of(request).actor,
        )
        path = "/desk" if back == _FROM_TODAY else f"{_ROOT}?held={Hold.MASS}"
        return self._desk.done(path, "posts-released" if released else "no-posts-released")

    def _list_choices(
        self, voice: Voice, connection: Connection
    ) -> dict[str, list[tuple[str, str]]]:
        """What the selects above the list offer: what there is, and nothing else."""
        newsletters = self._works.press.newsletters.values()
        return {
            **list_choices(voice),
            "rules": list_found(voice, self._rules.count(connection)),
            "categories": [(one, one) for one in list_categories(connection)],
            "languages": [(one, name_language(one)) for one in list_languages(connection)],
            "newsletters": [(one.newsletter_id, one.title) for one in newsletters],
        }

    def _list(
        self, request: Request, connection: Connection, asked: PostFilter, before: str
    ) -> dict[str, object]:
        voice, now = visit_of(request).voice, self._works.clock()
        if verdict := asked.file_verdict:
            files, after = list_file_page(connection, verdict, asked.query.search, after=before)
            return {
                "posts": [],
                "files": [show_file(voice, one) for one in files],
                "older": asked.make_path(before=after) if after else "",
                "count": count_files(connection, verdict, asked.query.search),
            }
        page = list_post_page(connection, asked.query, now, before=before)
        older = asked.make_path(before=page.older) if page.older else ""
        posts = show_posts(voice, self._desk.publication, page, now)
        is_whole = not before and not page.older
        count = len(posts) if is_whole else count_posts(connection, asked.query, now)
        return {"posts": posts, "files": [], "older": older, "count": count}


def _find(connection: Connection, post_id: int) -> Post:
    found = find_posts(connection, [post_id]).get(post_id) if post_id < 2**63 else None
    if found is None:
        raise HTTPException(404)
    return found


def _find_way_back(post_id: int, back: str) -> str:
    return "/desk" if back == _FROM_TODAY else f"{_ROOT}/{post_id}"


def _read_moment(text: str) -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError("the moment at which the posts came cannot be read") from error
    if moment.tzinfo is None:
        raise UsageError("the moment at which the posts came has no zone")
    return moment
