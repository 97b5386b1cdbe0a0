"""Posts and files as the desk lists them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from service.editions.rule_words import name_rule, tell_fault
from service.model.post import Hold, Level, Post, Verdict
from service.model.publication import Publication
from service.scanning import describe_stand
from service.store.files import FileRow
from service.store.post_list import PostPage
from service.store.post_query import PostQuery
from service.web.desk.post_words import name_hold, name_verdict, say_mending
from service.words.voice import Voice

_NO_POSTS = {Verdict.NOT_A_POST, Verdict.QUARANTINED}
LIST_ROOT = "/desk/posts"
"""Where posts are listed."""

_ANY = "any"
_YES = "yes"
_MAILED = {"yes": True, "no": False}
_CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Badge:
    """A word in a small frame; `kind` is good, warn, bad or nothing."""

    label: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class PostLine:
    """A post in a list; `stand` is how it stands, for whoever decides on it."""

    post_id: int
    stand: str
    title: str
    language: str
    path: str
    published: str
    categories: str
    badges: tuple[Badge, ...]


@dataclass(frozen=True, slots=True)
class FileLine:
    """A file that is no post: where and why, and how to mend it; `post_id` of what it was."""

    path: str
    place: str
    says: str
    message: str
    mending: str
    post_id: int | None


@dataclass(frozen=True, slots=True)
class PostFilter:
    """The fields of the form above the list, as they were sent; strange values ask for nothing."""

    q: str = ""
    verdict: str = ""
    held: str = ""
    found: str = ""
    category: str = ""
    language: str = ""
    newsletter: str = ""
    mailed: str = ""

    @property
    def file_verdict(self) -> Verdict | None:
        """The verdict asked for, when it is one of files that are no posts."""
        return next((one for one in _NO_POSTS if one == self.verdict), None)

    @property
    def query(self) -> PostQuery:
        """What the database is asked."""
        return PostQuery(
            search=self.q.strip().replace("\x00", ""),
            verdict=next((one for one in Verdict if one == self.verdict), None),
            is_held=self.held == _ANY,
            hold=next((one for one in Hold if one == self.held), None),
            has_findings=self.found == _YES,
            rule="" if self.found == _YES else self.found.replace("\x00", ""),
            category=self.category.replace("\x00", ""),
            language=self.language.replace("\x00", ""),
            newsletter_id=self.newsletter.replace("\x00", ""),
            is_mailed=_MAILED.get(self.mailed),
            is_changed=self.mailed == _CHANGED,
        )

    def make_path(self, **more: str) -> str:
        """The address of the list with these fields, and others."""
        asked = {name: getattr(self, name) for name in self.__slots__} | more
        query = urlencode({name: value for name, value in asked.items() if value})
        return f"{LIST_ROOT}?{query}" if query else LIST_ROOT


def show_posts(
    voice: Voice, publication: Publication, page: PostPage, now: datetime
) -> list[PostLine]:
    """The posts of a page as lines."""
    return [
        PostLine(
            post.post_id,
            describe_stand(post),
            post.title or post.path,
            post.language,
            post.path,
            voice.write_moment(publication.localise(post.published_at)),
            voice.join_names(post.categories),
            tuple(_list_badges(voice, post, page, now)),
        )
        for post in page.posts
    ]


def list_state_badges(voice: Voice, post: Post, now: datetime) -> list[Badge]:
    """What a post is, and what keeps it out of mail."""
    badges = [Badge(name_verdict(voice, post.verdict(now)))]
    if post.hold is not None:
        badges.append(Badge(name_hold(voice, post.hold), "bad"))
    if not post.mailable:
        badges.append(Badge(voice.say("never mailed"), "warn"))
    return badges


def show_file(voice: Voice, file: FileRow) -> FileLine:
    """A file that is no post as a line."""
    says, message = tell_fault(voice, file.code, file.message)
    return FileLine(
        path=file.path,
        place=file.path if file.line is None else f"{file.path}:{file.line}",
        says=says,
        message=message,
        mending=say_mending(voice, file.code) if file.verdict is Verdict.QUARANTINED else "",
        post_id=file.post_id,
    )


def list_choices(voice: Voice) -> Mapping[str, list[tuple[str, str]]]:
    """What the selects of the form offer: values and their labels."""
    return {
        "verdicts": [(one.value, name_verdict(voice, one)) for one in Verdict],
        "holds": [(_ANY, voice.say("held, whatever the reason"))]
        + [(one.value, name_hold(voice, one)) for one in Hold],
        "mailed": [
            ("yes", voice.say("mailed")),
            ("no", voice.say("not mailed")),
            (_CHANGED, voice.say("changed since it was mailed")),
        ],
    }


def list_found(voice: Voice, counts: Mapping[str, int]) -> list[tuple[str, str]]:
    """What the select of findings offers: any, or those by one rule, which so many posts have."""
    rules = [(rule, f"{name_rule(voice, rule)} ({count:,})") for rule, count in counts.items()]
    return [(_YES, voice.say("with findings")), *rules] if rules else []


def _list_badges(voice: Voice, post: Post, page: PostPage, now: datetime) -> list[Badge]:
    badges = list_state_badges(voice, post, now)
    if post.post_id in page.unread_ids:
        badges.append(Badge(name_verdict(voice, Verdict.QUARANTINED), "bad"))
    if post.findings:
        kind = "bad" if any(one.level is Level.HOLD for one in post.findings) else "warn"
        count = len(post.findings)
        badges.append(Badge(voice.say_count("{count} finding", "{count} findings", count), kind))
    if post.post_id in page.mailed_ids:
        badges.append(Badge(voice.say("mailed"), "good"))
    return badges
