"""Posts as a mail shows them: a title, a teaser, a line of facts and perhaps a picture."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from service.editions.plain import clean_line, clean_url, clip_line, clip_sentences
from service.editions.view import EntryView
from service.model.languages import primary_subtag
from service.model.post import Image, Post
from service.words.catalogues import find_voice
from service.words.voice import Voice

TEASER_COLUMNS = 300
"""How wide the summary of a post is in a mail, at most."""

PICTURE_WIDTH = 560
"""How many pixels wide a picture stands in a mail where there is room."""

_TITLE_COLUMNS = 400
_TALLEST = 2 * PICTURE_WIDTH


def show_posts(
    posts: Sequence[Post], *, language: str, zone: ZoneInfo, category: str = ""
) -> tuple[EntryView, ...]:
    """The posts as a mail in that language shows them, dates in the zone.

    A post is shown by title and summary, never in full; `category` is said of all of them.
    """
    voice = find_voice(language)
    return tuple(_show_post(post, voice, language, zone, category) for post in posts)


def _show_post(post: Post, voice: Voice, language: str, zone: ZoneInfo, category: str) -> EntryView:
    title = _name(post)
    is_foreign = primary_subtag(post.language) != primary_subtag(language)
    return EntryView(
        title=title,
        url=clean_url(post.url),
        summary=_tease(post, title),
        date=voice.write_day(post.published_at.astimezone(zone).date()),
        byline=voice.join_names(clean_line(author.name) for author in post.authors),
        category=clean_line(category),
        language=post.language if is_foreign else "",
        image_url=clean_url(post.image.url) if post.image else "",
        image_alt=voice.say("Picture: {title}", title=title),
        image_height=_find_height(post.image),
    )


def _name(post: Post) -> str:
    title = clip_line(clean_line(post.title), _TITLE_COLUMNS)
    return title or clip_line(clean_line(post.summary), 60) or clean_url(post.url)


def _tease(post: Post, title: str) -> str:
    # Many a summary is the title or a part of it once more, which says the same thing twice.
    own = clean_line(post.summary).removeprefix(title).lstrip(" 　。.:：|｜-–—")
    return "" if own in title else clip_sentences(own, TEASER_COLUMNS)


def _find_height(image: Image | None) -> int:
    """How high the picture stands, so that nothing jumps when it arrives; 0 when unknown."""
    if image is None or not image.width or not image.height:
        return 0
    height = round(image.height * PICTURE_WIDTH / image.width)
    return height if 0 < height <= _TALLEST else 0
