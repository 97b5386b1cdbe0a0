"""What Hugo makes of each form: its dates, addresses, bundles and languages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from service.content.generators import NO_HABITS, Habits
from service.content.generators.habits import Language
from service.content.generators.hugo import Hugo
from service.model.post import Article, Reading, Verdict

Read = Callable[..., Reading]
ReadIn = Callable[..., Reading]
POST = "---\ntitle: Go & C++ in 2026\ndate: 2026-01-31T10:00:00+09:00\n{}\n---\nText.\n"
BARE = "---\ntitle: t\n{}\n---\nText.\n"


@pytest.fixture
def read_in(read: Read) -> Callable[..., Reading]:
    """Read a text as a post of a site with some habits."""

    def read_it(habits: Habits, path: str, keys: str = "", form: str = POST) -> Reading:
        return read(form.format(keys), path=path, generator="hugo", habits=habits)

    return read_it


def find_article(reading: Reading) -> Article:
    assert reading.article is not None, reading
    return reading.article


def find_path(reading: Reading) -> str:
    return find_article(reading).url.removeprefix("https://news.test")


@pytest.mark.parametrize(
    ("keys", "published_at"),
    [
        ("date: 2024-02-03 23:30:00", "2024-02-03T23:30:00+09:00"),
        ("date: '2024-02-03 23:30:00'", "2024-02-03T23:30:00+09:00"),
        ("date: 2024-02-03T23:30:00Z", "2024-02-03T23:30:00+00:00"),
        ("date: 2024-02-04 10:00", "2024-02-04T10:00:00+09:00"),
        ("date: '2024-01-28'", "2024-01-28T00:00:00+09:00"),
        ("published: 2024-01-28", "2024-01-28T00:00:00+09:00"),
        ("pubdate: 2024-01-28", "2024-01-28T00:00:00+09:00"),
        ("date: 2024-01-01\npublishDate: 2024-01-28", "2024-01-28T00:00:00+09:00"),
        ("date: 2024-01-28\npublishDate: 2024-01-01", "2024-01-28T00:00:00+09:00"),
        ("lastmod: 2024-01-28", "2024-01-28T00:00:00+09:00"),
    ],
)
def test_dates(read: Read, keys: str, published_at: str) -> None:
    article = find_article(read(BARE.format(keys), path="content/post/a.md", generator="hugo"))
    assert article.published_at.isoformat() == published_at


def test_a_page_with_a_later_publish_date_keeps_the_day_of_its_date_in_the_address(
    read_in: ReadIn,
) -> None:
    habits = Habits(is_known=True, permalinks=(("post", "/:year/:month/:day/:slug/"),))
    reading = read_in(habits, "content/post/a.md", "slug: s\npublishDate: 2026-03-01")
    assert find_path(reading) == "/2026/01/31/s/"


def test_the_day_in_an_address_is_that_of_the_date_as_written(read_in: ReadIn) -> None:
    habits = Habits(is_known=True, permalinks=(("post", "/:year/:month/:day/"),))
    reading = read_in(habits, "content/post/a.md", "date: 2024-02-03T23:30:00Z", BARE)
    assert find_path(reading) == "/2024/02/03/"


@pytest.mark.parametrize(
    ("keys", "source", "path"),
    [
        ("", "name", "/post/hello-world/"),
        ("date: 2020-01-01", "name", "/post/hello-world/"),
        ("slug: own", "name", "/post/own/"),
    ],
)
def test_a_file_name_may_come_first(read_in: ReadIn, keys: str, source: str, path: str) -> None:
    habits = Habits(is_known=True, date_keys=(":filename", ":default"))
    reading = read_in(habits, "content/post/2026-01-31-Hello World.md", keys, BARE)
    article = find_article(reading)
    assert (article.date_source, find_path(reading)) == (source, path)
    assert article.published_at.isoformat() == "2026-01-31T00:00:00+09:00"


def test_without_a_word_of_the_site_a_dated_name_is_better_than_nothing(read: Read) -> None:
    reading = read(BARE.format(""), path="content/post/2026-01-31-x.md", generator="hugo")
    assert find_article(reading).date_source == "name"
    assert find_path(reading) == "/post/2026-01-31-x/"


# Pattern and address, for content/Blog/Deep Down/My File.md, as Hugo makes them.
PATTERNS = [
    ("/:year/:month/:day/:title/", "/2026/01/31/go-c++-in-2026/"),
    ("/:sections/:slug", "/blog/deep-down/go-c++-in-2026/"),
    ("/:section/:filename/", "/blog/my-file/"),
    ("/:sections[last]/:contentbasename/", "/deep-down/my-file/"),
    ("/:sections[1:]/:slugorfilename/", "/deep-down/my-file/"),
    ("/:monthname/:weekdayname/:weekday/:yearday/", "/january/saturday/6/31/"),
    ("/:2006/:01/:02/:slugorcontentbasename/", "/2026/01/31/my-file/"),
    ("/x/:slug.html", "/x/go-c++-in-2026.html"),
]


@pytest.mark.parametrize(("pattern", "path"), PATTERNS)
def test_permalink_patterns_of_a_section(read_in: ReadIn, pattern: str, path: str) -> None:
    habits = Habits(is_known=True, permalinks=(("Blog", pattern),))
    assert find_path(read_in(habits, "content/Blog/Deep Down/My File.md")) == path


def test_a_section_without_a_pattern_keeps_its_folders(read_in: ReadIn) -> None:
    habits = Habits(is_known=True, permalinks=(("blog", "/:year/:slug/"),))
    assert find_path(read_in(habits, "content/notes/a.md")) == "/notes/a/"


@pytest.mark.parametrize("pattern", ["/:nothing/", "/:sections[a]/"])
def test_an_unknown_token_quarantines(read_in: ReadIn, pattern: str) -> None:
    reading = read_in(Habits(is_known=True, permalinks=(("post", pattern),)), "content/post/a.md")
    assert (reading.verdict, reading.code) == (Verdict.QUARANTINED, "permalink")


@pytest.mark.parametrize(
    ("path", "keys", "address"),
    [
        ("post/vim74-7.4(snapshot-70).md", "", "/post/vim74-7.4snapshot-70/"),
        ("post/a+b & c%d, e!.md", "", "/post/a+b-cd-e/"),
        ("post/Ünï--Code.md", "", "/post/%C3%BCn%C3%AF--code/"),
        ("post/a.md", "slug: Vim's Tips", "/post/vims-tips/"),
        ("post/a.md", "url: /Keep/Case", "/Keep/Case/"),
        ("post/a.md", "url: /old/a.html", "/old/a.html"),
        ("post/a.md", "url: /:year/:slug/", "/2026/Go%20&%20C++%20in%202026/"),
        ("post/a.md", "permalink: /ignored/", "/post/a/"),
        ("post/Mein Post/index.md", "", "/post/mein-post/"),
        ("a.md", "", "/a/"),
    ],
)
def test_addresses_are_hugos(read: Read, path: str, keys: str, address: str) -> None:
    assert find_path(read(POST.format(keys), path=f"content/{path}", generator="hugo")) == address


@pytest.mark.parametrize(("ugly", "path"), [(("*",), "/post/a.html"), (("blog",), "/post/a/")])
def test_ugly_addresses(read_in: ReadIn, ugly: tuple[str, ...], path: str) -> None:
    assert find_path(read_in(Habits(is_known=True, ugly=ugly), "content/post/a.md")) == path


@pytest.mark.parametrize(
    ("below", "path"),
    [("content/", "post/a.md"), ("content/post/", "a.md"), ("", "content/post/a.md")],
)
def test_the_section_counts_wherever_the_folder_of_posts_begins(
    read_in: ReadIn, below: str, path: str
) -> None:
    assert find_path(read_in(Habits(is_known=True, below=below), path)) == "/post/a/"


SPANISH = (Language("en", "en-US"), Language("es", "es-MX"))
FOLDERS = (Language("ja", "ja", "content/ja"), Language("en", "en", "content.en"))
BILINGUAL = Habits(is_known=True, languages=SPANISH, default_language="en")


@pytest.mark.parametrize(
    ("habits", "path", "address", "language"),
    [
        (BILINGUAL, "content/post/a.md", "/post/a/", "en-US"),
        (BILINGUAL, "content/post/a.es.md", "/es/post/a/", "es-MX"),
        (BILINGUAL, "content/post/b/index.es.md", "/es/post/b/", "es-MX"),
        (BILINGUAL, "content/post/a.fr.md", "/post/a.fr/", "en-US"),
        (replace(BILINGUAL, prefixes_default=True), "content/post/a.md", "/en/post/a/", "en-US"),
        (replace(BILINGUAL, languages=FOLDERS, default_language="ja"), "content/ja/post/a.md",
         "/post/a/", "ja"),
        (replace(BILINGUAL, languages=FOLDERS, default_language="ja"), "content.en/post/a.md",
         "/en/post/a/", "en"),
        (Habits(is_known=True), "content/post/a.es.md", "/post/a.es/", "ja"),
        (NO_HABITS, "content/post/a.es.md", "/es/post/a/", "es"),
        (NO_HABITS, "content/post/a.ja.md", "/post/a/", "ja"),
        (NO_HABITS, "content/en/post/a.md", "/en/post/a/", "en"),
        (NO_HABITS, "content/he/post/a.md", "/he/post/a/", "ja"),
    ],
)  # fmt: skip
def test_one_post_for_each_language(
    read_in: ReadIn, habits: Habits, path: str, address: str, language: str
) -> None:
    reading = read_in(habits, path)
    assert (find_path(reading), find_article(reading).language) == (address, language)


def test_content_folders_of_languages_are_walked_and_no_others() -> None:
    hugo = Hugo(replace(BILINGUAL, languages=FOLDERS))
    assert hugo.enters("content.en/post", is_site=True)
    assert hugo.enters("content", is_site=True)
    assert not hugo.enters("themes", is_site=True)
    assert hugo.takes("content.en/a.md", is_site=True)
    assert not hugo.takes("README.md", is_site=True)


@pytest.mark.parametrize(
    ("path", "keys", "code"),
    [
        ("content/post/_index.md", "", "place"),
        ("content/post/_index.es.md", "", "place"),
        ("content/post/a/index.md", "headless: true", "page"),
        ("content/post/a.md", "build: {render: never}", "page"),
        ("content/post/a.md", "_build: {render: false}", "page"),
        ("content/page/about.md", "type: page", "page"),
        ("content/about.md", "date:", "page"),
    ],
)
def test_what_is_a_page_and_no_post(read: Read, path: str, keys: str, code: str) -> None:
    form = BARE if keys == "date:" else POST
    reading = read(form.format(keys), path=path, generator="hugo")
    assert (reading.verdict, reading.code) == (Verdict.NOT_A_POST, code)


def test_a_page_that_is_listed_nowhere_is_in_no_feed(read: Read) -> None:
    reading = read(POST.format("build: {list: never}"), path="content/post/a.md", generator="hugo")
    assert not find_article(reading).in_feeds


def test_aliases_without_a_slash_lie_beside_the_page(read: Read) -> None:
    keys = "aliases: [/old/, older, ../oldest/]"
    reading = read(POST.format(keys), path="content/post/a.md", generator="hugo")
    assert find_article(reading).former_urls == (
        "https://news.test/old/",
        "https://news.test/post/older",
        "https://news.test/oldest/",
    )


def test_images_of_a_bundle_lie_at_its_address(read: Read) -> None:
    text = POST.format("image: cover.png").replace("Text.", "![a](img/a.png)")
    article = find_article(read(text, path="content/post/a/index.md", generator="hugo"))
    assert article.image is not None
    assert article.image.url == "https://news.test/post/a/cover.png"
    assert 'src="https://news.test/post/a/img/a.png"' in article.html
