"""One post as readers have it: its text, where it stands, and what was changed since."""

from __future__ import annotations

from collections.abc import Iterable

from service.delivery.since_mailed import diff_since_mailed
from service.editions.changes import ChangeKind, TextChanges
from service.editions.news import NewsVerdict
from service.model.feed import FeedKind
from service.publishing import AbsenceReason, FeedPlace, NewsletterStory, tell_story
from service.store.files import find_unread_file
from service.store.posts import load_bodies
from service.web.api.api import Api
from service.web.api.fields import Moment, Number, Shown
from service.web.api.posts import PostAppearance, ShownFile, find_or_miss

_MARKS = {ChangeKind.KEPT: "{}", ChangeKind.REMOVED: "[-{}-]", ChangeKind.ADDED: "{{+{}+}}"}


class PostText(Shown):
    """What a post says, as feeds carry it: cleaned, with whole addresses in its links."""

    post: int
    html: str
    text: str


class Piece(Shown):
    """A piece of text; kept and removed ones make the old text, kept and added ones the new."""

    kind: ChangeKind
    text: str


class PostChanges(Shown):
    """A post against what was mailed of it last; `edition` is null while it never was.

    `diff` is the same for people, with [-what went-] and {+what came+}.
    """

    post: int
    edition: int | None
    mailed_at: Moment | None
    is_changed: bool
    title: list[Piece]
    summary: list[Piece]
    text: list[Piece]
    diff: str


class PostNews(Shown):
    """What a newsletter makes of a post; `number` is null while it is not news there."""

    newsletter: str
    verdict: NewsVerdict
    number: int | None
    became_at: Moment | None
    editions: list[PostAppearance]


class PostPlace(Shown):
    """A feed that a post belongs to; one at a `position` beyond `window` is not in it any more."""

    kind: FeedKind
    name: str
    path: str
    position: int
    window: int
    is_shown: bool


class PostAbsence(Shown):
    """Why no feed shows a post; `served_path` is that of a newer one with its address."""

    reason: AbsenceReason
    served_path: str


class PostStory(Shown):
    """Where a post stands. `gone_at`: when its file vanished; `fault`: why it cannot be read."""

    post: int
    gone_at: Moment | None
    newsletters: list[PostNews]
    feeds: list[PostPlace]
    absence: PostAbsence | None
    fault: ShownFile | None


class PostStories:
    """The addresses below /posts/{post}."""

    def __init__(self, api: Api) -> None:
        self._api = api
        api.show("/posts/{post}/text", self.show_text)
        api.show("/posts/{post}/changes", self.show_changes)
        api.show("/posts/{post}/story", self.show_story)

    def show_text(self, post: Number) -> PostText:
        """The text of a post as feeds carry it."""
        with self._api.database.reading() as connection:
            find_or_miss(connection, post)
            body = load_bodies(connection, [post]).get(post)
        return PostText(post=post, html=body.html if body else "", text=body.text if body else "")

    def show_changes(self, post: Number) -> PostChanges:
        """What was changed in a post since it was mailed last."""
        with self._api.database.reading() as connection:
            since = diff_since_mailed(connection, find_or_miss(connection, post))
        if since is None:
            return PostChanges(post=post, edition=None, mailed_at=None, is_changed=False, title=[],
                               summary=[], text=[], diff="")  # fmt: skip
        parts = (since.title, since.summary, since.text)
        return PostChanges(
            post=post,
            edition=since.edition_id,
            mailed_at=since.mailed_at,
            is_changed=since.is_changed,
            title=_list_pieces(since.title),
            summary=_list_pieces(since.summary),
            text=_list_pieces(since.text),
            diff=_write_diff(parts) if since.is_changed else "",
        )

    def show_story(self, post: Number) -> PostStory:
        """Where a post stands: in which feeds and newsletters, and why not in others."""
        works, now = self._api.works, self._api.clock()
        with self._api.database.reading() as connection:
            found = find_or_miss(connection, post)
            newsletters = works.press.newsletters.values()
            story = tell_story(connection, works.feeds, newsletters, found, now)
            file = find_unread_file(connection, post)
        return PostStory(
            post=post,
            gone_at=story.gone_at,
            newsletters=[_show_news(one) for one in story.newsletters],
            feeds=[_show_place(one) for one in story.places],
            absence=PostAbsence.model_validate(story.absence) if story.absence else None,
            fault=ShownFile.model_validate(file) if file else None,
        )


def _list_pieces(changes: TextChanges) -> list[Piece]:
    return [Piece(kind=kind, text=text) for kind, text in changes.pieces]


def _write_diff(parts: Iterable[TextChanges]) -> str:
    """The parts that are otherwise, each a paragraph of its own."""
    return "\n\n".join(
        "".join(_MARKS[kind].format(text) for kind, text in part.pieces)
        for part in parts
        if part.is_changed
    )


def _show_news(one: NewsletterStory) -> PostNews:
    return PostNews(
        newsletter=one.newsletter_id,
        verdict=one.verdict,
        number=one.news_no,
        became_at=one.became_at,
        editions=[PostAppearance.model_validate(each) for each in one.editions],
    )


def _show_place(one: FeedPlace) -> PostPlace:
    return PostPlace(
        kind=one.key.kind,
        name=one.key.name,
        path=one.path,
        position=one.position,
        window=one.window,
        is_shown=one.is_shown,
    )
