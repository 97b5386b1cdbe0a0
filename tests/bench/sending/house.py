"""A publishing house of any size: its readers in a database, its posts, its edition to be sent."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import count, islice
from pathlib import Path

from sqlalchemy import text

from service.app import App, build_app
from service.config import load_config
from service.model.edition import Edition
from service.scanning import scan_posts
from service.sending import open_due_editions
from service.store.database import Database
from service.store.migrate import migrate
from service.store.news import open_newsletter
from service.store.subscribers import TOPIC_SEPARATOR

BEGINNING = datetime(2026, 3, 1, tzinfo=UTC)
MONDAY = datetime(2026, 3, 1, 23, tzinfo=UTC)
TOPICS = tuple(f"topic{number}" for number in range(11))
TITLES = (
    "港の朝市に新しい屋根",
    "半導体工場、来春に着工へ",
    "図書館が夜間の開館を試行",
    "自動運転バス、実証を延長",
    "温泉街で空き家の再生が進む",
    "量子計算の研究所が発足",
    "給食に地元の米を全量採用",
    "海底ケーブルの敷設を開始",
    "古い映画館が配信に挑む",
    "人工知能で渋滞を予測",
    "養蜂家たちの共同出荷",
    "宇宙ごみの観測網を公開",
    "方言の辞書が完成",
    "水素の列車が試運転",
    "手すき和紙、海外で人気",
)

_CONFIG = """
[publication]
title = "計測新聞"
url = "https://bench.example"
language = "ja"
timezone = "Asia/Tokyo"
[content]
path = "posts"
generator = "generic"
[service]
url = "https://news.bench.example"
[[newsletters]]
id = "weekly"
title = "週のまとめ"
weekday = "mon"
send_at = "08:00"
max_posts = 15
topics = {topics}
[gate]
template = "off"
[sender]
name = "計測新聞 編集部"
email = "news@bench.example"
reply_to = "desk@bench.example"
postal_address = "東京都千代田区"
contact = "https://bench.example/contact"
[provider]
kind = "mailgun"
domain = "bench.example"
base_url = "http://127.0.0.1:{port}"
"""

_NUMBERS = (
    "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {})"
)
_ADD_SUBSCRIBERS = """
INSERT INTO subscribers (address, name, created_at)
{numbers} SELECT 'reader' || n || '@bench.example', '', :at FROM numbers
"""
_ADD_SUBSCRIPTIONS = """
INSERT INTO subscriptions (subscriber_id, newsletter_id, state, cadence, topics, language,
    joined_at_mark, served_through, created_at, confirmed_at, consent_source, consent_text,
    consent_at)
SELECT subscriber_id, 'weekly', 'active', 'weekly', choices.topics, 'ja', 0, 0, :at, :at, 'bench',
    '', :at
FROM subscribers JOIN choices ON choices.number = subscriber_id % :choices
ORDER BY subscriber_id
"""


def build_house(folder: Path, port: int, environment: Mapping[str, str]) -> None:
    """Lay a house out, its provider at `port`, its posts read: what is left is to send."""
    config = _CONFIG.format(topics=list(TOPICS), port=port).replace("'", '"')
    (folder / "posts").mkdir(parents=True)
    (folder / "kawaraban.toml").write_text(config, encoding="utf-8")
    database = Database(load_config(folder / "kawaraban.toml", environment).service.database_url)
    migrate(database)
    database.close()
    app = open_house(folder, environment)
    scan_posts(app.works.database, app.works.scan, BEGINNING)
    for number, title in enumerate(TITLES):
        _write_post(folder / "posts" / f"{number}.md", number, title)
    scan_posts(app.works.database, app.works.scan, BEGINNING + timedelta(hours=4))
    app.close()


def open_house(folder: Path, environment: Mapping[str, str]) -> App:
    """Everything joined, as `kawaraban up` and `kawaraban worker` join it."""
    given = {"KAWARABAN_SECRET_KEY": "bench" * 8, "KAWARABAN_PROVIDER_API_KEY": "bench"}
    return build_app(load_config(folder / "kawaraban.toml", {**environment, **given}))


def add_readers(database: Database, readers: int, choices: int) -> None:
    """Subscribe so many readers, whose topics make so many different mails of one edition."""
    with database.writing() as connection:
        open_newsletter(connection, "weekly", BEGINNING)
        connection.execute(text("CREATE TEMPORARY TABLE choices (number INTEGER, topics TEXT)"))
        rows = [{"number": n, "topics": one} for n, one in enumerate(list_choices(choices))]
        connection.execute(text("INSERT INTO choices VALUES (:number, :topics)"), rows)
        at = BEGINNING.replace(tzinfo=None) if database.is_sqlite else BEGINNING
        numbers = _NUMBERS.format(readers)
        given = {"at": str(at), "choices": choices}
        connection.execute(text(_ADD_SUBSCRIBERS.format(numbers=numbers)), given)
        connection.execute(text(_ADD_SUBSCRIPTIONS), given)
        connection.execute(text("DROP TABLE choices"))
        if not database.is_sqlite:
            # As the server does by itself for rows that did not all come in one second.
            connection.execute(text("ANALYZE"))


def list_choices(choices: int) -> list[str]:
    """So many choices of topics as the store keeps them, no two of which get the same posts."""
    if choices == 1:
        return [""]
    chosen = (
        [topic for number, topic in enumerate(TOPICS) if bits >> number & 1] for bits in count(1)
    )
    return [TOPIC_SEPARATOR.join(sorted(one)) for one in islice(chosen, choices)]


def plan_edition(app: App) -> Edition:
    """Open and freeze the edition of Monday, as the clock does."""
    opened = open_due_editions(app.works.database, app.works.press, MONDAY)
    return opened.frozen[0]


def _write_post(path: Path, number: int, title: str) -> None:
    topic = TOPICS[number % len(TOPICS)]
    body = "".join(
        f"{title}について、{n + 2}番目の取材先は{n * 7 + 3}年の経緯を語った。" for n in range(12)
    )
    date = (BEGINNING + timedelta(hours=3, minutes=number)).isoformat()
    path.write_text(
        f"---\ntitle: {title}\ndate: {date}\ntags: [{topic}]\ncategories: [kiji]\n---\n{body}\n",
        encoding="utf-8",
    )
    written = (BEGINNING + timedelta(hours=3)).timestamp()
    os.utime(path, (written, written))
