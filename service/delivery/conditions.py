"""Which conditions hold: one function each, over facts that are read once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType

from service.delivery.facts import Facts
from service.delivery.reasons import OVERDUE, UNMADE
from service.editions.news import NewsVerdict, judge_news
from service.editions.unmatched import find_unmatched
from service.model.condition import Condition, Item, Values
from service.model.edition import Edition, EditionState
from service.model.newsletter import Approval, Newsletter
from service.model.post import Finding, Hold, Level, Post

LEFT_ALONE_FOR = timedelta(minutes=2)
"""How long a file rests before anybody is told of it: who is writing it needs no mail."""

_FAILING_FOR = timedelta(minutes=15)
_UNKNOWN_FOR = timedelta(minutes=30)
_MANY_SIGNUPS = 10
"""One address that was written to today already is nothing to tell anybody of."""

_KEPT = "; the last good version stays in the feeds"
"""What a scan says at the end of its reason; the mail says it in words of its own."""

_USERINFO = re.compile(r"(?<=://)[^/@\s]+@")


def find_conditions(facts: Facts) -> dict[Condition, tuple[Item, ...]]:
    """The conditions that hold, the gravest first, each with the things it is true of."""
    found = {condition: tuple(find(facts)) for condition, find in CONDITIONS.items()}
    return {condition: items for condition, items in found.items() if items}


def _find_send_hold(facts: Facts) -> Iterator[Item]:
    if facts.is_send_held:
        yield Item("", "send_hold", {}, blocks=True)


def _find_paused_accounts(facts: Facts) -> Iterator[Item]:
    for one in facts.accounts:
        if one.paused_at is not None:
            values: Values = {
                "account": one.account,
                "since": one.paused_at,
                "reason": one.paused_reason,
            }
            yield Item(one.account, "account", values, blocks=True)


def _find_missing(facts: Facts) -> Iterator[Item]:
    if (gone := facts.missing) is not None:
        values: Values = {"count": gone.count, "since": gone.since_at, "path": gone.path}
        yield Item(gone.since_at.isoformat(), "missing", values, blocks=True)


def _find_failing_pull(facts: Facts) -> Iterator[Item]:
    pull = facts.pull
    if pull is None or pull.failing_since_at is None:
        return
    if facts.now - pull.failing_since_at >= _FAILING_FOR:
        source, reason = (_USERINFO.sub("", text) for text in (pull.source, pull.failure))
        values: Values = {"source": source, "since": pull.failing_since_at, "reason": reason}
        yield Item(source, "pull", values, blocks=True)


def _find_unknown(facts: Facts) -> Iterator[Item]:
    for one in facts.unknown:
        if facts.now - one.first_claimed_at >= _UNKNOWN_FOR:
            number = str(one.batch_id)
            values: Values = {
                "batch": number,
                "since": one.first_claimed_at,
                "rows": one.rows,
                "reason": one.detail,
            }
            yield Item(number, "unknown", values, blocks=True)


def _find_held_signups(facts: Facts) -> Iterator[Item]:
    if (held := facts.signups) is not None and held.count >= _MANY_SIGNUPS:
        values: Values = {"count": held.count, "since": held.since_at}
        yield Item("", "signups", values, blocks=True)


def _find_unmade(facts: Facts) -> Iterator[Item]:
    for one in facts.editions:
        if one.state is EditionState.HELD and one.reason.startswith(UNMADE):
            item = _describe(facts, one, "unmade", blocks=True)
            reason = one.reason.removeprefix(UNMADE).lstrip(": ")
            yield replace(item, values={**item.values, "reason": reason})


def _find_overdue(facts: Facts) -> Iterator[Item]:
    for one in facts.editions:
        if one.state is EditionState.HELD and one.reason.startswith(OVERDUE):
            yield _describe(facts, one, "overdue", blocks=True)


def _find_paused(facts: Facts) -> Iterator[Item]:
    for one in facts.editions:
        if one.state is EditionState.PAUSED:
            item = _describe(facts, one, "paused", blocks=True)
            waiting: Values = {
                "reason": one.reason,
                "waiting": facts.waiting.get(one.edition_id, 0),
            }
            yield replace(item, values={**item.values, **waiting})


def _find_drafts(facts: Facts) -> Iterator[Item]:
    """Editions that an editor may look at before they leave, or has to approve."""
    for one in facts.editions:
        # Who makes one by hand is at the desk.
        if one.state not in (EditionState.DRAFT, EditionState.WAITING) or one.cadence is None:
            continue
        newsletter = facts.newsletters.get(one.newsletter_id)
        is_noticed = newsletter is not None and newsletter.approval is Approval.NOTICE
        if one.approved_at is None:
            yield _describe(facts, one, "asks", blocks=one.freeze_at <= facts.now)
        elif is_noticed and facts.now < one.freeze_at:
            yield _describe(facts, one, "goes", blocks=False)


def _describe(facts: Facts, edition: Edition, form: str, *, blocks: bool) -> Item:
    newsletter = facts.newsletters.get(edition.newsletter_id)
    posts = facts.candidates.get(edition.edition_id, ())
    number = str(edition.edition_id)
    values: dict[str, str | int | datetime] = {
        "edition": number,
        "newsletter": newsletter.title if newsletter else edition.newsletter_id,
        "cadence": edition.cadence or "",
        "slot": edition.slot_at,
        "count": len(posts),
        "first": posts[0].title if posts else "",
    }
    return Item(number, form, values, blocks=blocks)


def _find_quarantined(facts: Facts) -> Iterator[Item]:
    for one in facts.quarantined:
        rests_for = facts.now.timestamp() - one.mtime_ns / 1e9
        if not 0 <= rests_for < LEFT_ALONE_FOR.total_seconds():
            place = one.path if one.line is None else f"{one.path}:{one.line}"
            yield Item(
                f"{one.path}:{one.code}",
                "kept" if one.is_kept else "lost",
                {"place": place, "reason": one.message.removesuffix(_KEPT)},
                rule=one.code,
            )


def _find_held(facts: Facts) -> Iterator[Item]:
    """Posts that would be news if no rule held them, or had they come in time."""
    at_once: dict[datetime, list[Post]] = {}
    for post in facts.posts:
        if timedelta(0) <= facts.now - post.changed_at < LEFT_ALONE_FOR:
            continue
        if late_for := _list_newsletters(facts, post, NewsVerdict.LATE):
            yield _describe_late(post, late_for)
        elif not _list_newsletters(facts, post, NewsVerdict.HELD):
            continue
        elif post.hold is Hold.MASS:
            at_once.setdefault(post.first_seen_at, []).append(post)
        elif post.hold is Hold.GATE:
            yield _describe_held(post)
    for seen_at, posts in at_once.items():
        values: Values = {"count": len(posts), "seen": seen_at, "title": posts[0].title}
        yield Item(
            f"mass:{seen_at.isoformat()}", "mass", values, rule="mass", stands_for=len(posts)
        )


def _list_newsletters(facts: Facts, post: Post, verdict: NewsVerdict) -> list[Newsletter]:
    return [
        newsletter
        for name, newsletter in facts.newsletters.items()
        if post.post_id not in facts.numbered.get(name, ())
        and judge_news(post, newsletter, facts.now, facts.since.get(name)) is verdict
    ]


def _describe_held(post: Post) -> Item:
    findings = tuple(one for one in post.findings if one.level is Level.HOLD)
    rules = sorted({one.rule for one in findings})
    return Item(
        f"{post.uid}:{','.join(rules)}",
        "held",
        {"title": post.title, "path": post.path},
        findings=findings or (Finding("", Level.HOLD, post.hold_note),),
        rule=findings[0].rule if findings else "",
    )


def _describe_late(post: Post, newsletters: Iterable[Newsletter]) -> Item:
    values: Values = {
        "title": post.title,
        "path": post.path,
        "dated": post.published_at,
        "seen": post.first_seen_at,
        "newsletter": ", ".join(newsletter.title for newsletter in newsletters),
    }
    return Item(f"{post.uid}:late", "late", values, rule="late")


def _find_unmatched_filters(facts: Facts) -> Iterator[Item]:
    if not facts.categories and not facts.tags:
        return
    forms = {"categories": "category", "tags": "tag", "topics": "topic"}
    newsletters = facts.newsletters.values()
    for one in find_unmatched(newsletters, facts.categories, facts.tags):
        title = facts.newsletters[one.newsletter_id].title
        yield Item(
            f"{one.newsletter_id}:{one.key}:{one.name}",
            forms[one.key],
            {"newsletter": title, "name": one.name},
            rule=forms[one.key],
        )


def _find_stopped_webhooks(facts: Facts) -> Iterator[Item]:
    for one in facts.stopped_webhooks:
        if one.stopped_at is not None:
            values: Values = {
                "host": one.host,
                "since": one.stopped_at,
                "reason": one.stopped_for,
            }
            key = f"{one.webhook_id}:{one.stopped_at.isoformat()}"
            yield Item(key, "webhook", values)


CONDITIONS: Mapping[Condition, Callable[[Facts], Iterable[Item]]] = MappingProxyType(
    {
        Condition.SEND_HOLD: _find_send_hold,
        Condition.ACCOUNT: _find_paused_accounts,
        Condition.FOLDER: _find_missing,
        Condition.PULL: _find_failing_pull,
        Condition.UNKNOWN: _find_unknown,
        Condition.SIGNUPS: _find_held_signups,
        Condition.UNMADE: _find_unmade,
        Condition.OVERDUE: _find_overdue,
        Condition.PAUSED: _find_paused,
        Condition.APPROVAL: _find_drafts,
        Condition.QUARANTINED: _find_quarantined,
        Condition.HELD: _find_held,
        Condition.FILTER: _find_unmatched_filters,
        Condition.WEBHOOK: _find_stopped_webhooks,
    }
)
"""What finds each condition, the gravest first. Another one is a function and a line here."""
