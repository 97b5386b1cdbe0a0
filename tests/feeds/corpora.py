"""Real posts as the feeds they make: every kind, every format, archives and custom feeds."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from service.content.gate import GateSettings
from service.content.library import list_files, read_file
from service.content.rules import ReadingRules
from service.content.sites.site import find_habits, find_site
from service.content.survey import refuse_second_ids
from service.feeds.build import render_feed_from
from service.model.feed import (
    CustomFeed,
    FeedFile,
    FeedFormat,
    FeedKind,
    FeedSettings,
    Naming,
)
from service.model.post import Body
from service.model.publication import Publication
from service.publishing import FeedPress, compose_posts, plan_feeds, select_shown

NOW = datetime(2026, 11, 21, tzinfo=UTC)
HERE = Path(__file__).parents[2]
CORPUS = HERE.parent / "shared" / "corpus"
PUBLICATION = Publication(
    title="瓦版 & Co.",
    url="https://site.example/blog",
    service_url="https://news.example",
    description="毎朝の便り。",
    language="ja",
    timezone="Asia/Tokyo",
    author="編集部",
)
SETTINGS = FeedSettings(
    by=(FeedKind.CATEGORY, FeedKind.TAG, FeedKind.AUTHOR, FeedKind.LANGUAGE),
    naming=Naming.PERMALINK,
    hubs=("https://hub.example/",),
    custom=(
        CustomFeed("feed.xml", FeedFormat.ATOM),
        CustomFeed("feeds/最新.xml", FeedFormat.RSS, language="ja"),
        CustomFeed("feeds/none.xml", FeedFormat.RSS, tags=("no such tag",)),
        CustomFeed("feeds/none.atom", FeedFormat.ATOM, tags=("no such tag",)),
        CustomFeed("feeds/none.json", FeedFormat.JSON, tags=("no such tag",)),
    ),
)


def list_folders() -> list[Path]:
    """The sample publication, and every corpus that is there."""
    others = CORPUS / "others"
    real = [CORPUS / "allforces", CORPUS / "seeds", *(others.iterdir() if others.is_dir() else ())]
    return [HERE / "content", *sorted(folder for folder in real if folder.is_dir())]


def make_rules(folder: Path) -> ReadingRules:
    """How the posts of a folder are read."""
    site = find_site(folder)
    is_customer = folder.name in ("allforces", "seeds")
    return ReadingRules(
        generator="jekyll" if is_customer else site.generator,
        site_url=PUBLICATION.url,
        zone=ZoneInfo(PUBLICATION.timezone),
        language=PUBLICATION.language,
        permalink="/:year/:month/:day/:title/" if is_customer else (site.permalink or ""),
        author="",
        future=False,
        gate=GateSettings(),
        habits=find_habits(folder, site.generator),
    )


def make_feeds(folder: Path, settings: FeedSettings = SETTINGS) -> list[FeedFile]:
    """Every file that the posts of a folder become."""
    rules = make_rules(folder)
    stats = list_files(folder, rules.generator, rules.habits)
    readings = refuse_second_ids(
        [read_file(folder, stat, rules, NOW, is_judged=False) for stat in stats]
    )
    articles = [one.article for one in readings if one.article and not one.article.draft]
    posts = compose_posts(articles, NOW)
    bodies = {
        post.post_id: Body(article.html, "") for post, article in zip(posts, articles, strict=True)
    }
    press = FeedPress(PUBLICATION, settings, folder, shows_future=False)
    plans = plan_feeds(select_shown(posts, press, NOW), press)
    made = (render_feed_from(plan, lambda _: bodies, press.pieces) for plan in plans.values())
    return [file for files in made for file in files]


def summarise(settings: FeedSettings) -> FeedSettings:
    """The same feeds with summaries, laid out for browsers."""
    return replace(settings, content="summary", has_stylesheet=True)
