"""`check`: what becomes of every file, what the gate finds, and what the settings miss."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

import click
from rich.console import RenderableType
from rich.text import Text

from service.app import build_feeds, build_scan, read_clock
from service.cli.advice import RULES
from service.cli.check_document import describe_check
from service.cli.checking_templates import check_templates
from service.cli.complaint_lines import (
    choose_manner,
    list_complaints,
    list_sound_files,
    write_totals,
)
from service.cli.complaints import Heap, gather_complaints
from service.cli.naming import find_near_paths, find_near_words
from service.cli.printing import (
    find_place,
    json_option,
    list_obstacles,
    make_facts,
    need_attention,
    progress,
    show,
    tell_step,
    write,
)
from service.cli.pulled import write_source
from service.cli.session import Session, pass_session
from service.config import Config, list_send_obstacles
from service.content.opening import take_file
from service.content.sites.site import find_site
from service.content.survey import Survey, survey_posts
from service.errors import ContentError, UsageError
from service.feeds.listing import list_feed_keys
from service.model.feed import FeedKind
from service.model.post import Post, Verdict
from service.publishing import compose_posts, select_shown

_DATED = {Verdict.PUBLISHED, Verdict.SCHEDULED}
_LONGEST_SOURCE = 500


@dataclass(frozen=True, slots=True)
class _Checked:
    """The folder as it was read, and everything there is to say of it."""

    config: Config
    survey: Survey
    heaps: tuple[Heap, ...]
    feeds: dict[FeedKind, int]


@click.command("check")
@click.option("--rule", "rules", multiple=True, metavar="NAME", help="Only this rule's; all of it.")
@click.option(
    "--file", "files", multiple=True, metavar="PATH", help="Only what concerns this file."
)
@click.option("--all", "shows_all", is_flag=True, help="Every finding, not only a few of each.")
@json_option
@pass_session
def check(
    session: Session,
    *,
    rules: tuple[str, ...],
    files: tuple[str, ...],
    shows_all: bool,
    as_json: bool,
) -> None:
    """Check the configuration and what becomes of every file.

    Reads the files afresh, with what the gate finds; needs no database and writes nothing.
    Exit status 1: a file is quarantined, a post would be held back from mail or has another's
    address, or a filter matches nothing; with --rule or --file, if that is so of these.
    """
    started = time.perf_counter()
    checked = _check(session.config, read_clock())
    chosen = _choose(checked, rules, [session.name_post(file) for file in files])
    took = time.perf_counter() - started
    is_narrowed = bool(rules or files)
    manner = choose_manner(session.config.content.path, shows_all=shows_all or is_narrowed)
    lines: list[RenderableType] = [
        *([] if is_narrowed else _list_facts(chosen)),
        *list_complaints(chosen.heaps, manner),
        *(list_sound_files(chosen.survey, chosen.heaps, manner) if files else []),
        *([] if is_narrowed else list_obstacles(list_send_obstacles(session.config))),
    ]
    if is_narrowed and not chosen.heaps and not files:
        lines += [f"{', '.join(rules)}: nothing found", ""]
    whole = "of " if is_narrowed else ""
    totals = write_totals(checked.survey, checked.heaps, took)
    document = describe_check(
        chosen.config, chosen.survey, chosen.heaps, chosen.feeds, manner.place_of
    )
    show(document, *lines, Text(whole) + totals, as_json=as_json)
    need_attention(any(heap.needs_attention for heap in chosen.heaps))


def _check(config: Config, now: datetime) -> _Checked:
    settings = build_scan(config)
    with progress() as tell:
        survey = survey_posts(settings.root, settings.rules, now, tell_step(tell, "reading"))
    dated = [file.reading for file in survey.files if file.reading.verdict in _DATED]
    posts = compose_posts([one.article for one in dated if one.article is not None], now)
    heaps = gather_complaints(
        config, find_site(config.content.path), survey, posts, _quote_from(config)
    )
    if (templates := check_templates(config, posts, now)).complaints:
        heaps.insert(0, templates)
    return _Checked(config, survey, tuple(heaps), _count_feeds(config, posts, now))


def _count_feeds(config: Config, posts: Iterable[Post], now: datetime) -> dict[FeedKind, int]:
    """How many feeds of each kind there are; 0 where a configured kind has none."""
    counts = dict.fromkeys((FeedKind.SITE, *config.feeds.by), 0)
    shown = select_shown(posts, build_feeds(config), now)
    for key in list_feed_keys(shown, config.feeds.by):
        counts[key.kind] += 1
    if config.feeds.custom:
        counts[FeedKind.CUSTOM] = len(config.feeds.custom)
    return counts


def _quote_from(config: Config) -> Callable[[str, int], str]:
    def quote(path: str, line: int) -> str:
        try:
            raw = take_file(config.content.path, path).raw
        except ContentError:
            return ""
        lines = raw.decode("utf-8", "replace").splitlines()
        return write(lines[line - 1].strip()[:_LONGEST_SOURCE]) if line <= len(lines) else ""

    return quote


def _choose(checked: _Checked, rules: tuple[str, ...], names: list[str]) -> _Checked:
    """Only what was asked for; raises UsageError for a rule or a file that is not there."""
    heaps = checked.heaps
    if rules:
        _require_rules(rules, heaps)
        heaps = tuple(heap for heap in heaps if heap.rule in rules)
    if not names:
        return replace(checked, heaps=heaps)
    paths = {_find_path(checked.survey, name) for name in names}
    narrowed = (
        replace(heap, complaints=tuple(one for one in heap.complaints if one.path in paths))
        for heap in heaps
    )
    files = tuple(file for file in checked.survey.files if file.reading.facts.path in paths)
    return replace(
        checked,
        heaps=tuple(heap for heap in narrowed if heap.complaints),
        survey=replace(checked.survey, files=files),
    )


def _require_rules(rules: Iterable[str], heaps: Iterable[Heap]) -> None:
    known = {*RULES, *(heap.rule for heap in heaps)}
    for rule in rules:
        if rule not in known:
            near = ", ".join(find_near_words(rule, known) or sorted(known))
            raise UsageError(f"--rule {rule}: there is no such rule; near it: {near}")


def _find_path(survey: Survey, name: str) -> str:
    paths = [file.reading.facts.path for file in survey.files]
    found = [path for path in paths if path == name or path.endswith(f"/{name}")]
    if len(found) == 1 or name in found:
        return name if name in found else found[0]
    near = found or find_near_paths(name, paths)
    advice = f"; near it: {', '.join(near)}" if near else ""
    raise UsageError(f"--file {name}: is not a file among the posts{advice}")


def _list_facts(checked: _Checked) -> list[RenderableType]:
    config = checked.config
    feeds = [
        f"{count:,} {kind}" if count else f"no {kind}" for kind, count in checked.feeds.items()
    ]
    facts = {
        "publication": config.publication.title,
        "source": write_source(config.content.git),
        "posts": f"{find_place(config.content.path, '.', None)} ({config.content.generator})",
        "feeds": ", ".join(feeds),
        "newsletters": tuple(one.newsletter_id for one in config.newsletters) or "none",
        "sign-up page": f"{config.service.url}/subscribe" if config.newsletters else "",
        "editors": f"{len(config.publication.editors)}, mailed what needs a person"
        if config.publication.editors
        else "none: nobody is mailed what needs a person (publication.editors)",
    }
    return [make_facts(facts), ""]
