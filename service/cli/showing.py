"""`posts show`: one post explained, from its file to the readers who got it."""

from __future__ import annotations

import click
from rich.console import RenderableType

from service.cli.complaint_lines import choose_manner
from service.cli.post_lookup import Found, look_up
from service.cli.printing import describe_post, json_option, need_attention, show
from service.cli.session import Session, pass_session
from service.cli.story_lines import explain_news, list_file, list_story
from service.model.post import Finding, Verdict
from service.publishing import NewsletterStory, Story, tell_story
from service.store.files import FileRow
from service.store.post_history import Appearance


@click.command("show")
@click.argument("path")
@json_option
@pass_session
def show_(session: Session, *, path: str, as_json: bool) -> None:
    """Explain one post: verdict, identity, findings, newsletters and feeds.

    PATH is the file, as it lies there or as `posts list` shows it, its name, its address, its
    id, or where it once lay. Exit status 1: the file is quarantined.
    """
    works = session.open_app().works
    with works.database.reading() as connection:
        found = look_up(connection, session, path)
        newsletters = works.press.newsletters.values()
        story = (
            tell_story(connection, works.feeds, newsletters, found.post, works.clock())
            if found.post
            else None
        )
    manner = choose_manner(session.config.content.path, shows_all=True)
    lines: list[RenderableType] = [f"Found by {found.by}.", ""] if found.by else []
    if found.file is not None:
        lines += list_file(found.file, has_post=story is not None, manner=manner, zone=session.zone)
    if story is not None:
        lines += list_story(story, manner, session.zone)
    show(_describe(found, story), *lines, as_json=as_json)
    need_attention(found.file is not None and found.file.verdict is Verdict.QUARANTINED)


def _describe(found: Found, story: Story | None) -> dict[str, object]:
    document: dict[str, object] = {
        "found_by": found.by,
        "file": _describe_file(found.file) if found.file else None,
    }
    return document | (_describe_story(story) if story else {"path": None})


def _describe_file(file: FileRow) -> dict[str, object]:
    return {
        "path": file.path,
        "verdict": file.verdict,
        "code": file.code,
        "message": file.message,
        "line": file.line,
    }


def _describe_story(story: Story) -> dict[str, object]:
    post = story.post
    return {
        **describe_post(post),
        "id": post.uid,
        "has_own_id": post.explicit_id is not None,
        "verdict": post.verdict(story.now),
        "hold": post.hold,
        "hold_note": post.hold_note,
        "released_at": post.released_at,
        "date_source": post.date_source,
        "updated_at": post.updated_at,
        "expires_at": post.expires_at,
        "first_seen_at": post.first_seen_at,
        "gone_at": story.gone_at,
        "is_known": post.is_known,
        "former_paths": [{"path": one.path, "left_at": one.left_at} for one in story.former_paths],
        "former_urls": post.former_urls,
        "mailable": post.mailable,
        "in_feeds": post.in_feeds,
        "pinned": post.pinned,
        "language": post.language,
        "categories": post.categories,
        "tags": post.tags,
        "authors": [author.name for author in post.authors],
        "summary": post.summary,
        "findings": [describe_finding(finding) for finding in post.findings],
        "newsletters": [_describe_newsletter(one) for one in story.newsletters],
        "feeds": [
            {
                "kind": place.key.kind,
                "name": place.key.name,
                "path": place.path,
                "position": place.position,
                "length": place.window,
                "is_shown": place.is_shown,
            }
            for place in story.places
        ],
        "no_feed_because": str(story.absence or ""),
    }


def describe_finding(finding: Finding) -> dict[str, object]:
    """A finding for a script."""
    return {
        "rule": finding.rule,
        "level": finding.level,
        "line": finding.line,
        "quote": finding.quote,
        "message": finding.message,
    }


def _describe_newsletter(one: NewsletterStory) -> dict[str, object]:
    return {
        "newsletter": one.newsletter_id,
        "verdict": one.verdict,
        "why": explain_news(one),
        "news_no": one.news_no,
        "became_at": one.became_at,
        "editions": [_describe_edition(edition) for edition in one.editions],
    }


def _describe_edition(one: Appearance) -> dict[str, object]:
    return {
        "edition": one.edition_id,
        "cadence": one.cadence,
        "key": one.key,
        "state": one.state,
        "frozen_at": one.frozen_at,
        "readers": one.readers,
        "accepted": one.accepted,
    }
