"""One reader's own outlook: what they would get next, and of every other post why not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Connection

from service.delivery.news import is_still_mailable
from service.delivery.press import Press
from service.delivery.prospects import Prospect, list_prospects
from service.delivery.serving import Served
from service.delivery.shares import serve_readers, share_out
from service.delivery.stock import find_news_time
from service.editions.news import NewsVerdict, judge_news
from service.errors import NotAllowedError
from service.model.edition import Selection
from service.model.newsletter import Newsletter
from service.model.post import Post
from service.model.subscriber import Subscription, SubscriptionState
from service.store.audience import Span
from service.store.database import Database
from service.store.history import PastDelivery, list_past_deliveries
from service.store.news import find_news_numbers, find_newsletter_start
from service.store.posts import list_posts
from service.store.subscribers import Reader, list_readers_at

_RECENT = timedelta(days=14)


class Why(StrEnum):
    """Why a reader gets a post, or does not; `about` names what it has to do with."""

    MAILED = "in the mail"
    FOLDED = "folded into {about}"
    COUNTED = "only counted, under N more"
    HAD = "was in edition {about}"
    PAUSED = "the reader paused"
    BEFORE = "was news before: came before they joined, or with an earlier edition"
    OTHER_TOPIC = "not among the chosen topics"
    BARRED = "may not be mailed any more: {about}"
    NEWS = "news, for a later edition"
    KNOWN = "was there before the first scan"
    NOT_PUBLISHED = "not published by then"
    EXPIRED = "expired"
    FILTERED = "outside the newsletter's categories and tags"
    NOT_MAILABLE = "marked as not for mail (noindex, or first published elsewhere)"
    HELD = "held: {about}"
    LATE = "came too late after its date; can be released"
    SETTLING = "changed too recently"


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether a reader would get a post, and why (not); `later_at` is when it becomes news."""

    post: Post
    kind: Why
    about: str = ""
    later_at: datetime | None = None

    @property
    def gets_it(self) -> bool:
        """Whether it is in their mail."""
        return self.kind is Why.MAILED

    @property
    def why(self) -> str:
        """The reason in a few words."""
        later = f"; news from {self.later_at.isoformat()}" if self.later_at else ""
        return self.kind.format(about=self.about) + later


@dataclass(frozen=True, slots=True)
class Standing:
    """One subscription: what comes next, and every recent post with its answer.

    `at` is None when nothing is coming, and `note` says why.
    """

    subscription: Subscription
    at: datetime | None
    subject: str
    note: str
    answers: tuple[Answer, ...]


def explain_reader(database: Database, press: Press, address: str, now: datetime) -> list[Standing]:
    """Every subscription of an address (normalised) with its outlook; sends nothing.

    Raises NotAllowedError when there is no such reader.
    """
    with database.reading() as connection:
        readers = list_readers_at(connection, address)
        if not readers:
            raise NotAllowedError("there is no reader with this address")
        return [_explain(connection, press, reader, now) for reader in readers]


def _explain(connection: Connection, press: Press, reader: Reader, now: datetime) -> Standing:
    one = reader.subscription
    newsletter = press.newsletters.get(one.newsletter_id)
    if newsletter is None:
        return Standing(one, None, "", "the newsletter is not configured any more", ())
    if one.state is not SubscriptionState.ACTIVE:
        return Standing(one, None, "", f"the subscription is {one.state}", ())
    prospects = list_prospects(connection, press, newsletter, one.cadence, now)
    if one.cadence not in newsletter.cadences:
        return Standing(one, None, "", f"the newsletter has no cadence {one.cadence} any more", ())
    past = list_past_deliveries(connection, one.subscriber_id)
    moment = max([now, *(prospect.edition.freeze_at for prospect in prospects)])
    judge = _Judge(connection, newsletter, one, past, moment)
    return judge.judge(press, prospects)


class _Judge:
    """Finds the answer for each post, from what would be mailed to what is no news."""

    def __init__(
        self,
        connection: Connection,
        newsletter: Newsletter,
        subscription: Subscription,
        past: Sequence[PastDelivery],
        moment: datetime,
    ) -> None:
        self._connection = connection
        self._newsletter = newsletter
        self._subscription = subscription
        self._moment = moment
        self._answers: dict[int, Answer] = {}
        self._past = past
        number = subscription.subscription_id
        self._span = Span(number - 1, number)

    def judge(self, press: Press, prospects: Sequence[Prospect]) -> Standing:
        """Answer for every post of the prospects, then for all other recent ones."""
        at, subject, note = None, "", "nothing is news yet"
        for prospect in prospects:
            cadences = (self._subscription.cadence,)
            found = serve_readers(self._connection, prospect, cadences, self._span)
            if not found:
                note = "the address is suppressed"
                continue
            share = share_out(self._connection, press, prospect, cadences, self._span)[0]
            self._answer_prospect(prospect, found[0], share.selection)
            if share.skipped:
                note = share.skipped if prospect.candidates else "no news by then"
            elif at is None:
                at, subject, note = share.leaves[0][0], share.subject, prospect.note
        self._answer_others()
        answers = sorted(
            self._answers.values(), key=lambda one: one.post.published_at, reverse=True
        )
        return Standing(self._subscription, at, subject, note, tuple(answers))

    def _answer_prospect(self, prospect: Prospect, served: Served, selection: Selection) -> None:
        chosen = {post.post_id for post in selection.posts}
        folded = {one.post.post_id: one.into for one in selection.folded}
        offered = {one.post.post_id for one in served.candidates}
        for candidate in prospect.candidates:
            post = candidate.post
            if post.post_id in chosen:
                answer = Answer(post, Why.MAILED)
            elif post.post_id in folded:
                answer = Answer(post, Why.FOLDED, folded[post.post_id].path)
            elif post.post_id in offered:
                answer = Answer(post, Why.COUNTED)
            else:
                kind = self._why_not_offered(served, candidate.news_no)
                answer = self._find_past(post) or Answer(post, kind)
            self._answers[post.post_id] = answer

    def _why_not_offered(self, served: Served, news_no: int | None) -> Why:
        if served.skipped == "paused":
            return Why.PAUSED
        if news_no is not None and news_no <= self._subscription.served_through:
            return Why.BEFORE
        return Why.OTHER_TOPIC

    def _answer_others(self) -> None:
        posts = [p for p in list_posts(self._connection) if p.post_id not in self._answers]
        recent = [post for post in posts if self._is_recent(post)]
        numbers = find_news_numbers(
            self._connection, self._newsletter.newsletter_id, [post.post_id for post in recent]
        )
        for post in recent:
            answer = self._find_past(post) or self._answer_no_news(post, numbers)
            self._answers[post.post_id] = answer

    def _is_recent(self, post: Post) -> bool:
        return abs(post.published_at - self._moment) <= _RECENT

    def _find_past(self, post: Post) -> Answer | None:
        for past in self._past:
            is_own = past.newsletter_id == self._newsletter.newsletter_id
            if is_own and post.post_id in past.post_ids:
                return Answer(post, Why.HAD, f"{past.edition_id} ({past.key}): {past.state}")
        return None

    def _answer_no_news(self, post: Post, numbers: Mapping[int, int]) -> Answer:
        if post.post_id in numbers:
            if numbers[post.post_id] <= self._subscription.served_through:
                return Answer(post, Why.BEFORE)
            if is_still_mailable(post, self._moment):
                return Answer(post, Why.NEWS)
            return Answer(post, Why.BARRED, post.hold or "unpublished or expired")
        since_at = find_newsletter_start(self._connection, self._newsletter.newsletter_id)
        verdict = judge_news(post, self._newsletter, self._moment, since_at)
        if verdict is NewsVerdict.HELD:
            return Answer(post, Why.HELD, f"{post.hold} ({post.hold_note})")
        later_at = find_news_time(post, self._newsletter, self._moment)
        return Answer(post, _KINDS[verdict], later_at=later_at)


_KINDS = {
    NewsVerdict.NEWS: Why.NEWS,
    NewsVerdict.KNOWN: Why.KNOWN,
    NewsVerdict.NOT_PUBLISHED: Why.NOT_PUBLISHED,
    NewsVerdict.EXPIRED: Why.EXPIRED,
    NewsVerdict.FILTERED: Why.FILTERED,
    NewsVerdict.NOT_MAILABLE: Why.NOT_MAILABLE,
    NewsVerdict.LATE: Why.LATE,
    NewsVerdict.SETTLING: Why.SETTLING,
}
