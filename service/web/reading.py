"""Posts to read here, for a publication that has no site of its own yet."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, Response

from service.feeds.paths import encode_url, page_path
from service.model.feed import FeedKey, FeedKind
from service.model.post import Post
from service.store.posts import load_bodies
from service.web.parts import WebParts
from service.web.refreshing import Keeper
from service.web.rendering import PageRenderer

_MEDIA: Mapping[str, str] = MappingProxyType(
    {
        ".avif": "image/avif",
        ".gif": "image/gif",
        ".jpeg": "image/jpeg",
        ".jpg": "image/jpeg",
        ".mp3": "audio/mpeg",
        ".mp4": "video/mp4",
        ".ogg": "audio/ogg",
        ".png": "image/png",
        ".wav": "audio/wav",
        ".webp": "image/webp",
    }
)
"""What is shown from beside the posts. SVG is left out: it can carry scripts."""


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
            router.add_api_route("/{path:path}", self.show, methods=["GET", "HEAD"])
        return router

    def show(self, path: str) -> Response:
        """The post at this address, or the picture that one shows."""
        publication = self._parts.feeds.publication
        post = self._keeper.catalogue.find_post(f"{publication.url}/{path}")
        if post is not None:
            return self._render(post)
        media = find_media(self._parts.content, path) if self._parts.content else None
        if media is None:
            raise HTTPException(404)
        return FileResponse(
            media,
            media_type=_MEDIA[media.suffix.lower()],
            headers={"Cache-Control": "public, max-age=900"},
        )

    def _render(self, post: Post) -> Response:
        publication = self._parts.feeds.publication
        published_at = publication.localise(post.published_at)
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


def find_media(root: Path, path: str) -> Path | None:
    """The picture, sound or film at a path below `root`; nothing hidden, nothing outside of it."""
    try:
        # Resolved first: a link is judged by what it leads to.
        found = (root / path).resolve()
        inside = found.relative_to(root.resolve())
        is_file = found.is_file()
    except (OSError, ValueError):
        return None
    is_hidden = any(part.startswith(".") for part in (*inside.parts, *Path(path).parts))
    return found if is_file and not is_hidden and found.suffix.lower() in _MEDIA else None
