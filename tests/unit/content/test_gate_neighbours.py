from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from service.content.gate import GateSettings, Neighbours, RuleSettings, judge_reading, make_outline
from service.model.post import Article, FileFacts, Finding, Level, OwnLink, Places, Reading, Verdict

DAY = datetime(2026, 1, 31, 3, tzinfo=UTC)
SITE = "https://news.test"


def write(
    path: str,
    title: str = "",
    summary: str = "",
    *,
    age: float = 0,
    url: str = "",
    links: tuple[str, ...] = (),
    former: tuple[str, ...] = (),
) -> Reading:
    published_at = DAY - timedelta(days=age)
    article = Article(
        path,
        title or f"{path}の題",
        url or f"{SITE}/{published_at:%Y/%m/%d}/{path}/",
        published_at,
        summary or f"{path}の要約である。",
        "",
        "",
        "ja",
        former_urls=former,
    )
    places = Places(3, 5, tuple(OwnLink(SITE + link, "別の話", 9) for link in links))
    facts = FileFacts(path, 0, 0, "")
    return Reading(facts, Verdict.PUBLISHED, article=article, places=places)


def judge(*readings: Reading, **rules: RuleSettings) -> list[Finding]:
    """What is found in the first of the readings beside all of them."""
    articles = [reading.article for reading in readings if reading.article]
    neighbours = Neighbours(make_outline(article) for article in articles)
    return list(judge_reading(readings[0], neighbours, GateSettings(rules)))


def test_posts_that_have_nothing_in_common_pass() -> None:
    assert judge(write("a"), write("b"), write("c", age=9)) == []


def test_what_is_never_mailed_is_not_held_but_warned_of() -> None:
    new = write("new", "江戸の瓦版はなぜ売れたのか")
    old = write("old", "江戸の瓦版はなぜ売れたか", age=2)
    hold = RuleSettings("hold")
    assert [one.level for one in judge(new, old, near_duplicate=hold)] == [Level.HOLD]
    assert new.article is not None
    unmailed = replace(new, article=replace(new.article, mailable=False))
    assert [one.level for one in judge(unmailed, old, near_duplicate=hold)] == [Level.WARN]


def test_a_title_like_that_of_another_post_names_it() -> None:
    new = write("new", "江戸の瓦版はなぜ売れたのか")
    old = write("old", "江戸の瓦版はなぜ売れたか", age=2)
    assert judge(new, old) == [
        Finding(
            "near_duplicate",
            Level.WARN,
            "the title says nearly the same as that of old",
            3,
            "江戸の瓦版はなぜ売れたのか",
        )
    ]
    assert judge(old, new) == []


@pytest.mark.parametrize(
    ("title", "age"),
    [
        ("江戸の瓦版はなぜ売れたか", 4),
        ("江戸の瓦版はなぜ 2 度売れたか", 1),
        ("長屋の井戸端では何が話されたか", 1),
    ],
)
def test_older_posts_other_numbers_and_other_news_are_no_duplicates(title: str, age: int) -> None:
    assert judge(write("new", "江戸の瓦版はなぜ売れたのか"), write("old", title, age=age)) == []


def test_a_day_with_very_many_posts_costs_no_more_than_two_hundred_comparisons() -> None:
    crowd = [write(f"{n:04}", chr(0x4E00 + n) * 9, age=1 + n / 5000) for n in range(1500)]
    neighbours = Neighbours(make_outline(one.article) for one in crowd if one.article)
    last = crowd[0].article
    assert last is not None
    assert len(neighbours.list_before(make_outline(last))) == 200


def test_a_summary_that_many_posts_have_around_their_titles_is_a_template() -> None:
    posts = [
        write(name, f"{name}の話", f"{name}の話について詳細に分析します。") for name in "abcde"
    ]
    (finding,) = judge(*posts)
    assert (finding.rule, finding.level, finding.line) == ("template", Level.HOLD, 5)
    assert finding.message == "the summary is a template that 5 posts have"
    assert judge(*posts[:4]) == []
    assert judge(*posts, template=RuleSettings(threshold=6)) == []


def test_one_announcement_in_many_words_is_a_template_too() -> None:
    posts = [write(name, "題", f"{name * 9}について詳しく解説します。") for name in "abcde"]
    assert [finding.rule for finding in judge(*posts)] == ["template"]


def test_a_link_to_an_address_that_no_post_has_is_dead() -> None:
    new = write("new", links=("/2026/01/31/gone/",))
    old = write("old", age=40)
    (finding,) = judge(new, old)
    assert (finding.rule, finding.level, finding.line) == ("dead_link", Level.WARN, 9)
    assert finding.message == f"1 link(s) lead to no post, such as {SITE}/2026/01/31/gone/"


def test_a_dead_link_that_is_not_found_in_its_file_is_on_no_line() -> None:
    new = write("new", links=("/2026/01/31/gone/",))
    unplaced = replace(new.places, links=tuple(replace(one, line=None) for one in new.places.links))
    (finding,) = judge(replace(new, places=unplaced), write("old", age=40))
    assert finding.line is None


def test_a_dead_link_tells_the_post_that_may_be_meant() -> None:
    (finding,) = judge(write("new", links=("/2026/01/30/old/",)), write("old"))
    assert finding.message.endswith(f"; {SITE}/2026/01/31/old/ may be meant")


@pytest.mark.parametrize(
    "link",
    [
        "/2026/01/31/old/",
        "/2026/01/31/old",
        "/2026/01/31/old/index.html",
        "/2026/01/31/%6Fld/",
        "/2025/12/01/once/",
        "/2019/01/01/before-our-time/",
        "/archive/2026/01/31/no-form-of-ours/",
        "/2026/01/",
        "/about/",
    ],
)
def test_known_former_and_foreign_addresses_are_not_dead(link: str) -> None:
    old = write("old", former=(f"{SITE}/2025/12/01/once/",))
    assert judge(write("new", links=(link,)), old, write("first", age=90)) == []


def test_rules_between_posts_can_be_switched_off_and_made_to_hold() -> None:
    pair = (write("new", "江戸の瓦版の話をする"), write("old", "江戸の瓦版の話をする", age=1))
    assert judge(*pair, near_duplicate=RuleSettings("off")) == []
    (finding,) = judge(*pair, near_duplicate=RuleSettings("hold"))
    assert finding.level is Level.HOLD
