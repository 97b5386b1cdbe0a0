"""An edition before it leaves, as its page shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from service.delivery.arranging import SHOWN, Explained, Reason
from service.delivery.previewed import Preview, VariantPreview
from service.editions.cadence_words import name_cadence
from service.editions.fit import HTML_BUDGET
from service.model.languages import name_language
from service.model.newsletter import Cadence, Newsletter
from service.web.desk.edition_words import say_skipped
from service.web.desk.post_lines import Badge
from service.words.voice import Voice

_NEARLY_FULL = 0.9


@dataclass(frozen=True, slots=True)
class PostRow:
    """A post of an edition. The orders are those that pressing a button would make, "" for none."""

    post_id: int
    title: str
    path: str
    group: str
    number: int | None
    reason: Badge
    into: str
    is_left_out: bool
    up: str
    down: str
    top: str


@dataclass(frozen=True, slots=True)
class VariantRow:
    """One mail of an edition: how many get it, and how much of the budget it takes (0 to 1)."""

    number: int
    language: str
    subject: str
    readers: int
    posts: int
    not_shown: int
    kilobytes: int
    share: float
    fullness: str


def show_posts(
    voice: Voice, posts: Sequence[Explained], newsletter: Newsletter | None
) -> list[PostRow]:
    """The posts of an edition with their reasons, and where each could be moved."""
    by_category = newsletter is not None and newsletter.group_by == "category"
    shown = [one for one in posts if one.reason in SHOWN and one.number is not None]
    names = {one.post.post_id: _find_group(one) if by_category else "" for one in shown}
    groups = [
        [one.post.post_id for one in members]
        for _, members in groupby(shown, lambda one: names[one.post.post_id])
    ]
    return [_show_post(voice, one, groups, names.get(one.post.post_id, "")) for one in posts]


def list_orders(groups: Sequence[Sequence[int]], post_id: int) -> dict[str, tuple[int, ...]]:
    """The whole order after each move of a post that changes the mail: up, down, top.

    Mail is read group by group: at the edge of its group a post takes the group with it.
    """
    at = next((no for no, group in enumerate(groups) if post_id in group), None)
    if at is None:
        return {"top": (post_id, *(one for group in groups for one in group))}
    place, last = groups[at].index(post_id), len(groups[at]) - 1
    orders = {
        "up": _swap(groups, at, place, place - 1) if place else _swap_groups(groups, at, at - 1),
        "down": (
            _swap(groups, at, place, place + 1)
            if place < last
            else _swap_groups(groups, at, at + 1)
        ),
        "top": () if at == place == 0 else _lift(groups, at, post_id),
    }
    return {move: order for move, order in orders.items() if order}


def show_variants(variants: Sequence[VariantPreview]) -> list[VariantRow]:
    """The mails of an edition, the many first."""
    return [
        VariantRow(
            number=one.number,
            language=name_language(one.language),
            subject=one.rendered.subject,
            readers=one.readers,
            posts=len(one.post_ids),
            not_shown=one.not_shown,
            kilobytes=round(one.html_bytes / 1000),
            share=min(1.0, one.html_bytes / HTML_BUDGET),
            fullness=_judge_size(one.html_bytes / HTML_BUDGET),
        )
        for one in variants
    ]


def show_counts(voice: Voice, preview: Preview) -> Mapping[str, list[tuple[str, int]]]:
    """Readers by cadence, by topic and by the reason why they get nothing."""
    return {
        "cadences": [
            (name_cadence(voice, one), preview.cadences[one])
            for one in Cadence
            if one in preview.cadences
        ],
        "topics": [
            (topic or voice.say("all topics"), count)
            for topic, count in sorted(preview.topics.items(), key=lambda one: -one[1])
        ],
        "skipped": [
            (say_skipped(voice, reason), count) for reason, count in preview.skipped.items()
        ],
    }


def name_reason(voice: Voice, reason: Reason) -> Badge:
    """Why a post is in an edition, or is not."""
    match reason:
        case Reason.NEW:
            return Badge(voice.say_of("a post in an edition", "new"))
        case Reason.PINNED:
            return Badge(voice.say_of("a post in an edition", "pinned"), "good")
        case Reason.ADDED:
            return Badge(voice.say_of("a post in an edition", "added by an editor"), "good")
        case Reason.FOLDED:
            return Badge(voice.say_of("a post in an edition", "folded"), "warn")
        case Reason.LEFT_OUT:
            return Badge(voice.say_of("a post in an edition", "left out by an editor"), "warn")
        case Reason.HELD:
            return Badge(voice.say_of("a post in an edition", "held since"), "bad")
        case Reason.COUNTED:
            return Badge(voice.say_of("a post in an edition", "only counted"))


def _show_post(
    voice: Voice, one: Explained, groups: Sequence[Sequence[int]], group: str
) -> PostRow:
    may_move = one.reason in SHOWN or one.reason in (Reason.COUNTED, Reason.FOLDED)
    orders = list_orders(groups, one.post.post_id) if may_move else {}
    written = {move: ",".join(map(str, order)) for move, order in orders.items()}
    return PostRow(
        post_id=one.post.post_id,
        title=one.post.title or one.post.path,
        path=one.post.path,
        group=group,
        number=one.number if one.reason in SHOWN else None,
        reason=name_reason(voice, one.reason),
        into=one.into.title if one.into else "",
        is_left_out=one.reason is Reason.LEFT_OUT,
        up=written.get("up", ""),
        down=written.get("down", ""),
        top=written.get("top", ""),
    )


def _find_group(one: Explained) -> str:
    return one.post.categories[0] if one.post.categories else ""


def _judge_size(share: float) -> str:
    if share > 1:
        return "bad"
    return "warn" if share > _NEARLY_FULL else "good"


def _swap(groups: Sequence[Sequence[int]], at: int, one: int, other: int) -> tuple[int, ...]:
    changed = [list(group) for group in groups]
    changed[at][one], changed[at][other] = changed[at][other], changed[at][one]
    return _flatten(changed)


def _swap_groups(groups: Sequence[Sequence[int]], one: int, other: int) -> tuple[int, ...]:
    if not 0 <= other < len(groups):
        return ()
    changed = list(groups)
    changed[one], changed[other] = changed[other], changed[one]
    return _flatten(changed)


def _lift(groups: Sequence[Sequence[int]], at: int, post_id: int) -> tuple[int, ...]:
    rest = [post for post in groups[at] if post != post_id]
    return _flatten([[post_id, *rest], *(group for no, group in enumerate(groups) if no != at)])


def _flatten(groups: Sequence[Sequence[int]]) -> tuple[int, ...]:
    return tuple(post_id for group in groups for post_id in group)
