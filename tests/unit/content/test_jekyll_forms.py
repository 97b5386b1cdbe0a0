"""What Jekyll makes of each form: its dates, addresses, terms and collections."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from service.content.generators import Habits
from service.content.generators.habits import Collection, Default
from service.content.listing import list_files
from service.content.values import Scalar
from service.model.post import Article, Reading, Verdict

Read = Callable[..., Reading]
POST = "---\ntitle: t\n{}\n---\nText.\n"


def find_article(reading: Reading) -> Article:
    assert reading.article is not None, reading
    return reading.article


# Written, then the instant and the day in the address (the site's zone is Asia/Tokyo).
DATES = [
    ("date: 2025-10-17 13:01:42 +0000", "2025-10-17T13:01:42+00:00", "2025/10/17"),
    ("date: 2024-02-03 23:30:00", "2024-02-03T23:30:00+00:00", "2024/02/04"),
    ("date: 2024-02-03T23:30:00", "2024-02-03T23:30:00+00:00", "2024/02/04"),
    ("date: '2024-02-03 23:30:00'", "2024-02-03T23:30:00+09:00", "2024/02/03"),
    ("date: 2024/02/03 23:30:00", "2024-02-03T23:30:00+09:00", "2024/02/03"),
    ("date: 2024-02-04 10:00", "2024-02-04T10:00:00+09:00", "2024/02/04"),
    ("date: 2024-01-28", "2024-01-28T00:00:00+09:00", "2024/01/28"),
    ("", "2026-01-31T00:00:00+09:00", "2026/01/31"),
    ("date: 2024-1-2 9:05:00", "2024-01-02T09:05:00+00:00", "2024/01/02"),
    ("date: May 30, 2021", "2021-05-30T00:00:00+09:00", "2021/05/30"),
    ("date: 2024-02-03 10:00:00 -4", "2024-02-03T10:00:00-04:00", "2024/02/03"),
    ("date: 2024-02-03 10:00:00 PST", "2024-02-03T10:00:00-08:00", "2024/02/04"),
    ("publishDate: 2026-03-01", "2026-03-01T00:00:00+09:00", "2026/01/31"),
]


@pytest.mark.parametrize(("keys", "published_at", "day"), DATES)
def test_the_date_and_the_day_in_the_address(
    read: Read, keys: str, published_at: str, day: str
) -> None:
    article = find_article(read(POST.format(keys)))
    assert article.published_at.isoformat() == published_at
    assert article.url == f"https://news.test/{day}/a-slug.html"


@pytest.mark.parametrize(
    ("keys", "source"), [("date: 2026-01-30", "front matter"), ("date:", "name")]
)
def test_an_article_says_where_its_date_stands(read: Read, keys: str, source: str) -> None:
    assert find_article(read(POST.format(keys))).date_source == source


@pytest.mark.parametrize(
    "written",
    ["2023-01-29 18:30:22 2023 -0800", "soon", "2024-02-30", "2024-02-03 25:00:00", "2024-13-01"],
)
def test_a_date_nobody_can_read_quarantines_that_file_with_its_line(
    read: Read, written: str
) -> None:
    reading = read(POST.format(f"date: {written}"))
    assert (reading.verdict, reading.code, reading.line) == (Verdict.QUARANTINED, "date", 3)


@pytest.mark.parametrize("written", ["{{ date }}", "[2024-02-03]"])
def test_a_date_that_is_no_single_value_is_never_passed_over(read: Read, written: str) -> None:
    reading = read(POST.format(f"date: {written}"))
    assert (reading.verdict, reading.code) == (Verdict.QUARANTINED, "date")


# File name, permalink style, address: as Jekyll 4 makes them.
ADDRESSES = [
    ("2026-01-31-a--b.md", "/:title/", "/a-b/"),
    ("2026-01-31-C++ tips, 100%.md", "/:title/", "/C++-tips,-100/"),
    ("2026-01-31-C++ tips.md", "/:slug/", "/c-tips/"),
    ("2026-01-31-Ünï.md", "/:slug/", "/%C3%BCn%C3%AF/"),
    ("2026-01-31-end..md", "/:title/", "/end/"),
    ("2026-01-31-a.b.md", "/:title:output_ext", "/a.b.html"),
    ("2026-01-31-x.md", "weekdate", "/2026/W05/Sat/x.html"),
    (
        "2026-01-31-x.md",
        "/:w_year/:week/:w_day/:long_day/:long_month",
        "/2026/05/6/Saturday/January",
    ),
    ("2026-01-31-x.md", "/:title_:i_month_:i_day/", "/x_1_31/"),
    ("2026-01-31-x.md", "/:year-:month/:name/", "/2026-01/2026-01-31-x/"),
    ("news/_posts/2026-01-31-x.md", "pretty", "/news/2026/01/31/x/"),
    ("a/b c/_posts/sub/2026-01-31-x.md", "none", "/a/b%20c/x.html"),
    ("a/B C/_posts/2026-01-31-x.md", "/:slugified_categories/:title", "/a/b-c/x"),
]


@pytest.mark.parametrize(("path", "permalink", "address"), ADDRESSES)
def test_addresses_are_jekylls(read: Read, path: str, permalink: str, address: str) -> None:
    article = find_article(read(POST.format(""), path=path, permalink=permalink))
    assert article.url == f"https://news.test{address}"


@pytest.mark.parametrize(
    ("keys", "categories", "address"),
    [
        ("categories: B a", ("B", "a"), "/b/a/x.html"),
        ("categories: [B c, a]\ncategory: D e", ("B c", "a", "D e"), "/b%20c/a/d%20e/x.html"),
        ("categories: one two, three", ("one two", "three"), "/one/two,/three/x.html"),
        ("categories: [a, A]", ("a", "A"), "/a/x.html"),
        ("categories:\ncategory:", (), "/x.html"),
    ],
)
def test_categories_and_their_place_in_the_address(
    read: Read, keys: str, categories: tuple[str, ...], address: str
) -> None:
    reading = read(POST.format(keys), path="2026-01-31-x.md", permalink="none")
    article = find_article(reading)
    assert (article.categories, article.url) == (categories, f"https://news.test{address}")


@pytest.mark.parametrize(
    ("keys", "address"),
    [
        ("slug: Other One", "/2026/01/31/Other-One.html"),
        ("slug: 1.10", "/2026/01/31/1.10.html"),
        ("permalink: /about/:title:output_ext", "/about/a-slug.html"),
        ("permalink: /x/?a=1#b", "/x/%3Fa=1%23b"),
        ("permalink: https://NEWS.test/own/", "/own/"),
        ("permalink: ''", "/2026/01/31/a-slug.html"),
        ("url: /ignored/", "/2026/01/31/a-slug.html"),
    ],
)
def test_slug_and_permalink_of_a_post_win(read: Read, keys: str, address: str) -> None:
    assert find_article(read(POST.format(keys))).url == f"https://news.test{address}"


@pytest.mark.parametrize(
    "permalink",
    ["/:nothing/", "/..\\\\..\\\\x", "/%2e%2e/baddie.html", "{{ page.slug }}", "/" + "x" * 2_001],
)
def test_a_permalink_that_is_no_address_quarantines_the_post(read: Read, permalink: str) -> None:
    reading = read(POST.format(f'permalink: "{permalink}"'))
    assert (reading.verdict, reading.code) == (Verdict.QUARANTINED, "permalink")


SHAKEDKO = Habits(
    is_known=True,
    collections=(
        Collection("posts_he", "/he/:year/:title/"),
        Collection("recipes"),
    ),
    defaults=(
        Default("", "posts_he", {"lang": Scalar("he")}),
        Default("", "", {"author": Scalar("shaked")}),
        Default("_posts/tech", "posts", {"categories": Scalar("tech")}),
        Default("_posts/*/drafts", "", {"published": Scalar("false")}),
    ),
)


@pytest.mark.parametrize(
    ("path", "address", "language"),
    [
        ("_posts/2026-01-31-x.md", "/2026/01/31/x.html", "ja"),
        ("_posts_he/2026-01-31-מעצמת.md", "/he/2026/%D7%9E%D7%A2%D7%A6%D7%9E%D7%AA/", "he"),
        ("_recipes/soup/2026-01-31-miso.md", "/recipes/soup/2026-01-31-miso.html", "ja"),
        ("_posts/2026-01-31-x.en.md", "/2026/01/31/x.en.html", "en"),
        ("_posts/en/2026-01-31-x.md", "/2026/01/31/x.html", "en"),
        ("_posts/it/2026-01-31-x.md", "/2026/01/31/x.html", "ja"),
    ],
)
def test_collections_and_languages(read: Read, path: str, address: str, language: str) -> None:
    article = find_article(read(POST.format(""), path=path, habits=SHAKEDKO))
    assert (article.url, article.language) == (f"https://news.test{address}", language)


def test_a_site_is_walked_for_its_collections_and_never_for_drafts(tmp_path: Path) -> None:
    names = ("_posts", "_posts_he", "_recipes", "_pages", "_drafts", "news/_posts", "_site/_posts")
    for name in names:
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "2026-01-31-x.md").write_text(POST)
    found = [stat.path.rpartition("/")[0] for stat in list_files(tmp_path, "jekyll", SHAKEDKO)]
    assert found == ["_posts", "_posts_he", "_recipes", "news/_posts"]


def test_a_collections_document_without_a_date_is_a_page(read: Read) -> None:
    reading = read(POST.format(""), path="_recipes/miso.md", habits=SHAKEDKO)
    assert (reading.verdict, reading.code) == (Verdict.NOT_A_POST, "page")


def test_defaults_of_the_configuration_are_added_by_their_scope(read: Read) -> None:
    def read_at(path: str, keys: str = "") -> Reading:
        return read(POST.format(keys), path=path, habits=SHAKEDKO)

    article = find_article(read_at("_posts/tech/2026-01-31-x.md", "categories: own"))
    assert article.categories == ("tech", "own")
    assert [author.name for author in article.authors] == ["shaked"]
    own = find_article(read_at("_posts/2026-01-31-x.md", "author: me"))
    assert [author.name for author in own.authors] == ["me"]
    assert read_at("_posts/a/drafts/2026-01-31-x.md").verdict is Verdict.DRAFT


def test_the_sites_excerpt_separator_ends_the_summary_and_the_posts_own_wins(read: Read) -> None:
    habits = replace(SHAKEDKO, excerpt_separator="<!--end-->")
    body = "\n一。\n\n二。\n<!--end-->\n三。\n<!--own-->\n四。\n"
    for keys, end in (("", "二。"), ("excerpt_separator: <!--own-->", "三。")):
        text = POST.format(keys) + body
        article = find_article(read(text, path="_posts/2026-01-31-x.md", habits=habits))
        assert article.summary.endswith(end)


def test_the_way_to_the_folder_of_posts_counts(read: Read) -> None:
    below = replace(SHAKEDKO, below="news/_posts/")
    article = find_article(read(POST.format(""), path="2026-01-31-x.md", habits=below))
    assert article.categories == ("news",)
