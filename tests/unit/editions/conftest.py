from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote
from zoneinfo import ZoneInfo

import pytest

from service.editions.render import MailRenderer
from service.model.edition import Audience, Candidate, Edition, EditionState, Trigger
from service.model.newsletter import Cadence, Newsletter
from service.model.post import Author, Image, Post
from service.model.publication import Publication, Sender

TOKYO = ZoneInfo("Asia/Tokyo")
MONDAY = datetime(2025, 10, 20, 8, 0, tzinfo=TOKYO)
ROOT = Path(__file__).parents[3]

RIVER = (
    "雨の日も雪の日も、朝五時に橋の下へ降りて目盛りを読む。二十六年ぶんの手帳が語る、川の機嫌と町の"
    "暮らし。県の計器が入った今も、はかるのをやめない理由を聞きました。"
)
TYPE = (
    "水神通りの印刷所が年内で店を閉じます。四万本の活字は、使ってくれる人に無料で。"
    "受け渡しは十一月の日曜、二回だけです。"
)
FERRY = "十一月一日から最終便が四時半になります。風の強い日は旗で欠航をお知らせします。"
TRANSLATOR = (
    "She brings nine hundred books and one cat, and reads the river aloud to anyone"
    " who asks on Thursdays."
)


@pytest.fixture
def newsletter() -> Newsletter:
    return Newsletter("weekly", "川べり通信", "ja")


@pytest.fixture
def publication() -> Publication:
    return Publication(
        title="川べり新聞",
        url="https://kawaberi.example",
        service_url="https://mail.kawaberi.example",
        description="",
        language="ja",
        timezone="Asia/Tokyo",
        author="",
    )


@pytest.fixture
def sender() -> Sender:
    return Sender(
        name="川べり新聞編集部",
        email="news@kawaberi.example",
        reply_to="",
        postal_address="東京都墨田区水神1丁目2番3号",
        contact="henshu@kawaberi.example",
    )


@pytest.fixture
def edition() -> Edition:
    return Edition(
        edition_id=1,
        newsletter_id="weekly",
        cadence=Cadence.WEEKLY,
        key="2025-10-20",
        trigger=Trigger.SCHEDULE,
        state=EditionState.DRAFT,
        slot_at=MONDAY,
        freeze_at=MONDAY,
        mark=99,
        subject="",
        intro="",
        audience=Audience(),
        reason="",
        created_at=MONDAY,
        frozen_at=None,
        finished_at=None,
    )


@pytest.fixture
def post() -> Post:
    day = datetime(2025, 10, 18, 3, 0, tzinfo=UTC)
    return Post(
        post_id=1,
        uid="p1",
        path="_posts/2025-10-18-bridge.md",
        title="橋の上の朝市が三年ぶりに戻る",
        url="https://kawaberi.example/2025/10/18/bridge/",
        summary="欄干の修理が終わり、日曜の朝市が橋の上に戻ります。出店は四十二軒。",
        language="ja",
        published_at=day,
        updated_at=day,
        first_seen_at=day + timedelta(minutes=5),
        changed_at=day,
        seen_after_at=None,
        is_known=False,
        authors=(Author("水野あかり"),),
        categories=("まちの話",),
        image=Image("https://kawaberi.example/images/bridge.jpg", "image/jpeg"),
    )


@pytest.fixture
def week(post: Post) -> list[Candidate]:
    rows = (
        (2, 19, "川の水位を毎朝はかる人", RIVER, "まちの話", "水野あかり"),
        (3, 17, "小さな印刷所が活字を譲ります", TYPE, "手しごと", "岡本次郎"),
        (4, 17, "渡し舟、冬の時刻表", FERRY, "暮らし", "編集部"),
        (5, 16, "A translator moves in upstairs", TRANSLATOR, "手しごと", "Ann Lee"),
        (6, 15, "土手の草刈りは二十五日", "", "暮らし", "編集部"),
        (7, 14, "古地図でたどる三つの暗渠", "失われた流れを歩く。", "まちの話", "岡本次郎"),
        (8, 13, "銭湯の煙突、来春に解体", "高さ二十三メートル。", "", "編集部"),
    )
    others = [
        replace(
            post,
            post_id=number,
            uid=f"p{number}",
            title=title,
            url=f"https://kawaberi.example/2025/10/{day}/{number}/",
            summary=summary,
            language="en" if title.isascii() else "ja",
            published_at=datetime(2025, 10, day, 3, 0, tzinfo=UTC),
            categories=(category,) if category else (),
            authors=(Author(author),),
            image=None,
        )
        for number, day, title, summary, category, author in rows
    ]
    return [Candidate(each, each.post_id) for each in [post, *others]]


@pytest.fixture(scope="session")
def renderer() -> MailRenderer:
    return MailRenderer(ROOT / "templates" / "email")


@pytest.fixture
def golden() -> Path:
    return ROOT / "tests" / "golden" / "editions"


def category_url(name: str) -> str:
    return f"https://mail.kawaberi.example/category/{quote(name)}/"


@pytest.fixture(name="category_url")
def provide_category_url() -> object:
    return category_url
