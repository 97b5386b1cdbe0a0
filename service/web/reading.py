"""Posts to read here, for a publication that has no site of its own yet."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.responses import Response

from service.feeds.paths import encode_url, page_path
from service.model.feed import FeedKey, FeedKind
from service.model.post import Post
from service.store.posts import load_bodies
from service.web.parts import WebParts
from service.web.refreshing import Keeper
from service.web.rendering import PageRenderer


class Reading:
    """A plain page for every post whose address is on this very service."""

    def __init__(self, parts: WebParts, keeper: Keeper, renderer: PageRenderer) -> None:
        self._parts = parts
        self._keeper = keeper
        self._renderer = renderer

    def routes(self) -> APIRouter:
        """Every address that nobody else answers for; none when the posts live elsewhere."""
        router = APIRouter()
        publication = self._parts.feeds.publication
        if publication.url == publication.service_url:
            router.add_api_route("/{path:path}", self.show_post, methods=["GET", "HEAD"])
        return router

    def show_post(self, path: str) -> Response:
        """The post at this address."""
        publication = self._parts.feeds.publication
        post = self._keeper.catalogue.find_post(f"{publication.url}/{path}")
        if post is None:
            raise HTTPException(404)
        published_at = post.published_at.astimezone(publication.zone)
        return self._renderer.render(
            "reader/post.html",
            {
                "post": post,
                "url": encode_url(post.url),
                "authors": [author.name for author in post.authors],
                "published_at": published_at,
                "section": self._find_section(post),
                "html": self._load_html(post.post_id),
            },
        )

    def _find_section(self, post: Post) -> tuple[str, str] | None:
        """The name and the page of the post's first category."""
        if not post.categories or FeedKind.CATEGORY not in self._parts.feeds.settings.by:
            return None
        name = post.categories[0]
        return name, self._renderer.base + page_path(FeedKey(FeedKind.CATEGORY, name))

    def _load_html(self, post_id: int) -> str:
        with self._parts.database.reading() as connection:
            body = load_bodies(connection, [post_id]).get(post_id)
        return body.html if body else ""
