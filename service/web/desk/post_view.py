"""The story of a post as a page shows it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from service.editions.cadence_words import name_cadence
from service.editions.news import NewsVerdict
from service.model.edition import EditionState
from service.model.newsletter import Newsletter
from service.model.post import Hold, Post, Verdict
from service.model.publication import Publication
from service.publishing import FeedPlace, NewsletterStory, Story
from service.store.post_history import Appearance
from service.web.desk.post_lines import Badge, list_state_badges
from service.web.desk.post_words import find_note, say_absence, say_news
from service.web.desk.state_words import name_edition_state
from service.words.voice import Voice

_WEB = ("https://", "http://")
_WILL_NEVER_LEAVE = {EditionState.CANCELLED, EditionState.EMPTY, EditionState.MERGED}


@dataclass(frozen=True, slots=True)
class AppearanceView:
    """An edition in which a post went, or was only counted."""

    edition_id: int
    name: str
    state: str
    says: str


@dataclass(frozen=True, slots=True)
class NewsletterView:
    """What a newsletter makes of a post."""

    title: str
    says: str
    is_news: bool
    editions: tuple[AppearanceView, ...]


@dataclass(frozen=True, slots=True)
class StoryView:
    """All that the page of a post says of it; `url` is "" where it is no web address.

    `may_be_held`: no editor holds it. `may_be_released`: something holds it, or it came late.
    """

    badges: tuple[Badge, ...]
    facts: tuple[tuple[str, str], ...]
    url: str
    note: str
    newsletters: tuple[NewsletterView, ...]
    absence: str
    places: tuple[str, ...]
    may_be_held: bool
    may_be_released: bool


def show_story(
    voice: Voice, publication: Publication, newsletters: Mapping[str, Newsletter], story: Story
) -> StoryView:
    """The story in the visitor's language and by the publication's clock."""
    post, is_there = story.post, story.gone_at is None
    is_late = any(one.verdict is NewsVerdict.LATE for one in story.newsletters)
    return StoryView(
        badges=tuple(list_state_badges(voice, post, story.now)),
        facts=tuple(_list_facts(voice, publication, story)),
        url=post.url if post.url.startswith(_WEB) else "",
        note=find_note(post),
        newsletters=tuple(
            _show_newsletter(voice, publication, newsletters[one.newsletter_id], one)
            for one in story.newsletters
        ),
        absence=say_absence(voice, story.absence) if story.absence else "",
        places=tuple(_say_place(voice, place) for place in story.places),
        may_be_held=is_there and (post.hold is None or post.hold is not Hold.EDITOR),
        may_be_released=is_there and (post.hold is not None or is_late),
    )


def _list_facts(voice: Voice, publication: Publication, story: Story) -> Iterator[tuple[str, str]]:
    post, say = story.post, voice.say

    def write(moment: datetime | None) -> str:
        return voice.write_moment(publication.localise(moment)) if moment else ""

    yield say("File"), post.path
    yield say("Its file vanished"), write(story.gone_at)
    published = write(post.published_at)
    yield (
        say("Appears") if post.verdict(story.now) is Verdict.SCHEDULED else say("Published"),
        published,
    )
    yield say("Changed"), write(post.updated_at)
    yield say("Expires"), write(post.expires_at)
    yield say("First seen"), write(post.first_seen_at)
    yield say("Released"), write(post.released_at)
    yield say("Language"), post.language
    yield say("Categories"), voice.join_names(post.categories)
    yield say("Tags"), voice.join_names(post.tags)
    yield say("Authors"), voice.join_names(author.name for author in post.authors)
    yield say("Date taken from"), _name_source(voice, post)
    yield say("Id"), post.uid
    for former in story.former_paths:
        yield (
            say("Was at"),
            say("{path}, until {when}", path=former.path, when=write(former.left_at)),
        )
    for url in post.former_urls:
        yield say("Address before"), url


def _name_source(voice: Voice, post: Post) -> str:
    return {
        "front matter": voice.say("the front matter"),
        "name": voice.say("the file's name"),
        "path": voice.say("its path"),
        "git": voice.say("its first commit"),
    }.get(post.date_source, post.date_source)


def _show_newsletter(
    voice: Voice, publication: Publication, newsletter: Newsletter, one: NewsletterStory
) -> NewsletterView:
    says = say_news(voice, one.verdict)
    if one.news_no and one.became_at:
        when = voice.write_moment(publication.localise(one.became_at))
        says = voice.say(
            "News number {number}, since {when}.", number=f"{one.news_no:,}", when=when
        )
    return NewsletterView(
        newsletter.title,
        says,
        one.news_no is not None,
        tuple(_show_appearance(voice, publication, edition) for edition in one.editions),
    )


def _show_appearance(voice: Voice, publication: Publication, one: Appearance) -> AppearanceView:
    cadence = name_cadence(voice, one.cadence) if one.cadence else voice.say("by hand")
    when = voice.write_moment(publication.localise(one.frozen_at)) if one.frozen_at else ""
    name = voice.say("Edition {number}, {cadence}", number=one.edition_id, cadence=cadence)
    if one.readers:
        says = voice.say_count(
            "To {count} reader on {when}; {accepted} accepted.",
            "To {count} readers on {when}; {accepted} accepted.",
            one.readers,
            when=when,
            accepted=f"{one.accepted:,}",
        )
    elif one.frozen_at:
        says = voice.say("Not shown in it: at most counted among “more”.")
    elif one.state in _WILL_NEVER_LEAVE:
        state = name_edition_state(voice, one.state)
        says = voice.say("Among its posts; it never left ({state}).", state=state)
    else:
        says = voice.say("Among its posts; it has not left yet.")
    return AppearanceView(one.edition_id, name, name_edition_state(voice, one.state), says)


def _say_place(voice: Voice, place: FeedPlace) -> str:
    if place.is_shown:
        return voice.say(
            "{path}: entry {position} of {length}",
            path=place.path,
            position=f"{place.position:,}",
            length=f"{place.window:,}",
        )
    return voice.say("{path}: too old for it", path=place.path)
