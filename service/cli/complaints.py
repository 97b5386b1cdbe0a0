"""What `check` has to say of a folder and its settings: by rule, the worst first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from service.config import Config
from service.content.sites.site import SiteFacts
from service.content.survey import Survey, Surveyed
from service.editions.unmatched import find_unmatched
from service.feeds.custom import find_empty
from service.model.post import Article, Level, Post, Verdict
from service.publishing import LeftOut, find_left_out

QUARANTINED, SHARED_ADDRESS, FORMER_ADDRESS = "quarantined", "shared_address", "former_address"
UNMATCHED, NOTHING_TO_SHOW, OVERRIDDEN = "unmatched_filter", "nothing_to_show", "overridden"
EMPTY_FEED, MAIL_TEMPLATE = "empty_feed", "mail_template"

_DATED = {Verdict.PUBLISHED, Verdict.SCHEDULED}
_BEFORE_ANY_POST = datetime.min.replace(tzinfo=UTC)
_NAMES_SHOWN = 8


class Grade(StrEnum):
    """How grave a complaint is: an error and a hold wait for a person, the others do not."""

    ERROR = "error"
    HOLD = "hold"
    WARN = "warn"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Complaint:
    """One thing found; `path` is "" for what is said of the settings, not of a file."""

    path: str
    line: int | None
    message: str
    quote: str = ""


@dataclass(frozen=True, slots=True)
class Heap:
    """Everything that one rule found at one grade, the newest posts first."""

    grade: Grade
    rule: str
    complaints: tuple[Complaint, ...]

    @property
    def needs_attention(self) -> bool:
        """Whether a person has to do something about it."""
        return self.grade in {Grade.ERROR, Grade.HOLD}


Quote = Callable[[str, int], str]
"""The text of a line of a file, for a person."""


def gather_complaints(
    config: Config, site: SiteFacts, survey: Survey, posts: Iterable[Post], quote_of: Quote
) -> list[Heap]:
    """Everything there is to say; `posts` are those of the survey, published or scheduled."""
    chosen = list(posts)
    files = sorted(survey.files, key=_date, reverse=True)
    heaps = [
        Heap(Grade.ERROR, NOTHING_TO_SHOW, tuple(_check_emptiness(chosen))),
        Heap(Grade.ERROR, UNMATCHED, tuple(_check_filters(config, chosen))),
        Heap(Grade.ERROR, EMPTY_FEED, tuple(_check_feeds(config, chosen))),
        Heap(Grade.ERROR, QUARANTINED, tuple(_list_quarantined(survey, quote_of))),
        *_gather_findings(files, Grade.HOLD),
        Heap(Grade.ERROR, SHARED_ADDRESS, tuple(map(_blame_left_out, find_left_out(chosen)))),
        *_sort_by_size(
            [
                *_gather_findings(files, Grade.WARN),
                Heap(Grade.WARN, FORMER_ADDRESS, tuple(_check_former(files))),
            ]
        ),
        Heap(Grade.NOTE, OVERRIDDEN, tuple(_check_site(config, site))),
    ]
    return [heap for heap in heaps if heap.complaints]


def _date(file: Surveyed) -> tuple[datetime, str]:
    article = file.reading.article
    return (article.published_at if article else _BEFORE_ANY_POST, file.reading.facts.path)


def _check_emptiness(posts: list[Post]) -> Iterator[Complaint]:
    if not any(post.in_feeds for post in posts):
        yield Complaint("", None, "content.path: no file in it is a published post")


def _check_filters(config: Config, posts: list[Post]) -> Iterator[Complaint]:
    if not posts:
        return
    categories = Counter(name for post in posts for name in post.categories)
    tags = Counter(name for post in posts for name in post.tags)
    numbers = {one.newsletter_id: at for at, one in enumerate(config.newsletters)}
    for one in find_unmatched(config.newsletters, categories, tags):
        known = categories if one.key == "categories" else tags
        key = f"newsletters[{numbers[one.newsletter_id]}].{one.key}"
        yield Complaint("", None, f'{key}: "{one.name}" matches no post; {_name_known(known)}')


def _check_feeds(config: Config, posts: list[Post]) -> Iterator[Complaint]:
    """Custom feeds that stand empty, by what in their conditions no post has."""
    shown = [post for post in posts if post.in_feeds]
    numbers = {one.path: at for at, one in enumerate(config.feeds.custom)}
    for empty in find_empty(shown, config.feeds.custom) if shown else ():
        key = f"feeds.custom[{numbers[empty.feed.path]}]"
        for one in empty.strange:
            hint = f'did you mean "{one.near}"? ' if one.near else ""
            what = f'{key}.{one.kind}: "{one.name}" matches no post, and {empty.feed.path} is empty'
            yield Complaint("", None, f"{what}; {hint}{_name_known(one.known)}")
        if not empty.strange:
            what = f"{key}: no post meets all its conditions, and {empty.feed.path} is empty"
            yield Complaint("", None, what)


def _name_known(known: Counter[str]) -> str:
    names = [f"{name} ({count:,})" for name, count in known.most_common(_NAMES_SHOWN)]
    more = ", …" if len(known) > _NAMES_SHOWN else ""
    return f"there is: {', '.join(names)}{more}" if names else "no post has any"


def _list_quarantined(survey: Survey, quote_of: Quote) -> Iterator[Complaint]:
    for file in survey.quarantined:
        path, line = file.reading.facts.path, file.reading.line
        quote = quote_of(path, line) if line is not None else ""
        yield Complaint(path, line, file.reading.message, quote)


def _gather_findings(files: list[Surveyed], grade: Grade) -> list[Heap]:
    found: dict[str, list[Complaint]] = {}
    for file in files:
        for finding in file.findings:
            if grade_of(finding.level, file.reading.verdict) is grade:
                complaint = Complaint(
                    file.reading.facts.path, finding.line, finding.message, finding.quote
                )
                found.setdefault(finding.rule, []).append(complaint)
    return _sort_by_size(Heap(grade, rule, tuple(ones)) for rule, ones in found.items())


def grade_of(level: Level, verdict: Verdict) -> Grade:
    """How grave a finding is: what would hold a draft holds nothing yet."""
    return Grade.HOLD if level is Level.HOLD and verdict in _DATED else Grade.WARN


def _sort_by_size(heaps: Iterable[Heap]) -> list[Heap]:
    return sorted(heaps, key=lambda heap: (-len(heap.complaints), heap.rule))


def _blame_left_out(one: LeftOut) -> Complaint:
    what = "address" if one.post.url == one.served.url else "id"
    address = one.post.url if what == "address" else one.post.uid
    age = "newer" if one.served.published_at > one.post.published_at else "of the same moment"
    message = f"{one.served.path} is {age} and has its {what}"
    return Complaint(one.post.path, None, message, address)


def _check_former(files: list[Surveyed]) -> Iterator[Complaint]:
    """Former addresses at which another post lives: whoever asks for one gets the other."""
    articles = [article for file in files if (article := _live(file)) is not None]
    homes = {article.url: article.path for article in articles}
    for article in articles:
        for url in article.former_urls:
            if homes.get(url, article.path) != article.path:
                message = f"its former address {url} is that of {homes[url]}"
                yield Complaint(article.path, None, message)


def _live(file: Surveyed) -> Article | None:
    return file.reading.article if file.reading.verdict in _DATED else None


def _check_site(config: Config, site: SiteFacts) -> Iterator[Complaint]:
    publication, content = config.publication, config.content
    pairs = (
        ("publication.title", publication.title, site.title),
        ("publication.url", publication.url, site.url),
        ("publication.language", publication.language, site.language),
        ("publication.timezone", publication.timezone, site.timezone),
        ("content.generator", content.generator, site.generator),
        ("content.permalink", content.permalink, site.permalink),
        ("content.future", content.future, site.future),
    )
    for key, ours, theirs in pairs:
        if theirs not in ("", None) and ours != theirs:
            yield Complaint("", None, f"{key}: {_write(ours)} here, {_write(theirs)} there")


def _write(value: object) -> str:
    return f"{value}".lower() if isinstance(value, bool) else f'"{value}"'
