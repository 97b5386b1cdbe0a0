"""The story of a post as lines for a person."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, tzinfo

from rich.console import RenderableType
from rich.text import Text

from service.cli.complaint_lines import Manner, fold, list_findings
from service.cli.printing import count_of, make_facts, write_minute, write_moment
from service.cli.verdicts import write_state
from service.editions.news import NewsVerdict
from service.model.post import Post, Verdict
from service.publishing import FeedPlace, NewsletterStory, Story
from service.store.files import FileRow
from service.store.post_history import Appearance

_WHY = {
    NewsVerdict.NEWS: "yes, with the next pass of the clock",
    NewsVerdict.KNOWN: "no: it was there before the newsletter began",
    NewsVerdict.NOT_PUBLISHED: "not yet: it is a draft, or its date has not come",
    NewsVerdict.EXPIRED: "no: it has expired",
    NewsVerdict.FILTERED: "no: the newsletter asks for other categories or tags",
    NewsVerdict.NOT_MAILABLE: "no: the file keeps it out of mail (mail, robots, canonical_url)",
    NewsVerdict.HELD: "not yet: it is held; kawaraban posts release lets it go",
    NewsVerdict.LATE: "no: first seen too long after its date; kawaraban posts release lets it go",
    NewsVerdict.SETTLING: "not yet: its file was changed a moment ago",
}


def list_file(file: FileRow, *, has_post: bool, manner: Manner, zone: tzinfo) -> list[Text]:
    """What is wrong with a file, and since when; nothing for a sound post."""
    if file.verdict in {Verdict.PUBLISHED, Verdict.SCHEDULED}:
        return []
    said = f"{manner.place_of(file.path, file.line)}: {file.verdict}: {file.message}"
    lines = [Text(said, style="bold red" if file.verdict is Verdict.QUARANTINED else "")]
    if file.verdict is Verdict.QUARANTINED:
        written = write_moment(datetime.fromtimestamp(file.mtime_ns // 10**9, tz=UTC), zone)
        kept = "" if has_post else "No feed has it. "
        lines += fold(f"{kept}The file was last written {written}.", "  ", manner.width)
    return [*lines, Text("")]


def list_story(story: Story, manner: Manner, zone: tzinfo) -> list[RenderableType]:
    """Facts, findings, newsletters and feeds of a post."""
    return [
        make_facts(_list_facts(story, manner, zone)),
        "",
        *list_findings(story.post, manner),
        *(line for one in story.newsletters for line in _list_newsletter(one, manner, zone)),
        *([""] if story.newsletters else []),
        *_list_feeds(story, manner),
    ]


def explain_news(one: NewsletterStory) -> str:
    """Whether the post is news, or the first reason why not."""
    return "yes" if one.news_no else _WHY[one.verdict]


def _list_facts(story: Story, manner: Manner, zone: tzinfo) -> dict[str, object]:
    post = story.post
    return {
        "title": post.title,
        "file": manner.place_of(post.path, None),
        "gone": write_moment(story.gone_at, zone),
        "address": post.url,
        "state": write_state(post, story.now),
        "released": write_moment(post.released_at, zone),
        "published": f"{write_moment(post.published_at, zone)} (from {_name_source(post)})",
        "updated": write_moment(post.updated_at, zone),
        "expires": write_moment(post.expires_at, zone),
        "language": post.language,
        "categories": post.categories,
        "tags": post.tags,
        "authors": tuple(author.name for author in post.authors),
        "id": f"{post.uid} ({'its own' if post.explicit_id else 'given at first sight'})",
        "first seen": write_moment(post.first_seen_at, zone)
        + (", known: it is never news by itself" if post.is_known else ""),
        "was at": tuple(
            f"{one.path} until {write_minute(one.left_at, zone)}" for one in story.former_paths
        ),
        "addresses before": post.former_urls,
        "mail": "" if post.mailable else "never: mail, robots or canonical_url says so",
        "summary": post.summary,
    }


def _name_source(post: Post) -> str:
    names = {"name": "the file's name", "path": "its path", "git": "its first commit"}
    return names.get(post.date_source, f"the {post.date_source}")


def _list_newsletter(one: NewsletterStory, manner: Manner, zone: tzinfo) -> Iterator[Text]:
    told = explain_news(one)
    if one.news_no:
        told = f"news number {one.news_no:,}, since {write_minute(one.became_at, zone)}"
    yield from fold(f"newsletter {one.newsletter_id}: {told}", "", manner.width)
    for edition in one.editions:
        yield from fold(_tell_edition(edition, zone), "  ", manner.width)


def _tell_edition(one: Appearance, zone: tzinfo) -> str:
    cadence = one.cadence or "by hand"
    name = f"edition {one.edition_id} ({cadence}, {one.key}, {one.state})"
    if not one.readers:
        return f"{name}: not shown in it, at most counted under N more"
    frozen = f" on {write_minute(one.frozen_at, zone)}" if one.frozen_at else ""
    return f"{name}: to {count_of(one.readers, 'reader')}{frozen}, {one.accepted:,} accepted"


def _list_feeds(story: Story, manner: Manner) -> Iterator[Text]:
    if story.absence:
        yield from fold(f"feeds: none; {story.absence}", "", manner.width)
    for place in story.places:
        yield from fold(f"{place.path}: {_tell_place(place)}", "", None)


def _tell_place(place: FeedPlace) -> str:
    if place.is_shown:
        return f"entry {place.position:,} of {place.window:,}"
    return f"too old for it: post {place.position:,}, and the feed has {place.window:,}"
