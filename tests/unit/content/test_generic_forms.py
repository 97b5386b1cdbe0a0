"""A plain folder: Zola, Pelican, Zenn, Eleventy, Astro and hand-made posts in their forms."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from service.content.articles import FindAddedAt
from service.model.post import Article, Author, Reading, Verdict

Read = Callable[..., Reading]
POST = "---\ntitle: t\ndate: 2026-01-31\n{}\n---\nText.\n"
BARE = "---\ntitle: t\n{}\n---\nText.\n"


@pytest.fixture
def read_plain(read: Read) -> Callable[..., Reading]:
    def read_it(text: str, path: str = "notes/a.md", permalink: str = "") -> Reading:
        return read(text, path=path, generator="generic", permalink=permalink)

    return read_it


def find_article(reading: Reading) -> Article:
    assert reading.article is not None, reading
    return reading.article


PELICAN = """Title: This Week in Rust 311
Date: 2019-11-5 10:20
Modified: 2019-11-06
Category: This Week in Rust
Tags: pelican, publishing
Slug: twir-311
Authors: Alexis Métaireau; Conan Doyle
Summary: Short version
  for the index

Body.
"""


def test_pelicans_header_lines(read_plain: Callable[..., Reading]) -> None:
    article = find_article(read_plain(PELICAN, "content/2019-11-05-x.md", "/blog/:year/:slug/"))
    assert (article.title, article.summary) == (
        "This Week in Rust 311",
        "Short version for the index",
    )
    assert article.published_at.isoformat() == "2019-11-05T10:20:00+09:00"
    assert article.modified_at is not None
    assert (article.categories, article.tags) == (
        ("This Week in Rust",),
        ("pelican", "publishing"),
    )
    assert article.authors == (Author("Alexis Métaireau"), Author("Conan Doyle"))
    assert article.url == "https://news.test/blog/2019/twir-311/"


ZOLA = """+++
title = "Announcing `cargo`"
{}
authors = ["A", "B"]
aliases = ["releases/1.40.0"]
[taxonomies]
tags = ["t"]
categories = ["c"]
+++
Body.
"""


@pytest.mark.parametrize(
    ("line", "published_at", "source", "address"),
    [
        ('path = "2026/03/26/x"', "2026-03-26T00:00:00+09:00", "path", "/2026/03/26/x/"),
        ('path = "in/2026/3/6/x/"', "2026-03-06T00:00:00+09:00", "path", "/in/2026/3/6/x/"),
        ("date = 2026-03-26", "2026-03-26T00:00:00+09:00", "front matter", "/notes/a/"),
        ("date = 2026-03-26T10:00:00", "2026-03-26T10:00:00+09:00", "front matter", "/notes/a/"),
        ("date = 2026-03-26T10:00:00Z", "2026-03-26T10:00:00+00:00", "front matter", "/notes/a/"),
        ('date = "2026-03-26"\nslug = "s"', "2026-03-26T00:00:00+09:00", "front matter",
         "/notes/s/"),
    ],
)  # fmt: skip
def test_zolas_toml(
    read_plain: Callable[..., Reading], line: str, published_at: str, source: str, address: str
) -> None:
    article = find_article(read_plain(ZOLA.format(line)))
    assert article.published_at.isoformat() == published_at
    assert (article.date_source, article.url) == (source, f"https://news.test{address}")
    assert (article.title, article.tags, article.categories) == ("Announcing cargo", ("t",), ("c",))
    assert article.former_urls == ("https://news.test/releases/1.40.0",)


@pytest.mark.parametrize(
    ("keys", "path", "published_at", "source"),
    [
        ("pubDate: 'Jul 08 2022'\nupdatedDate: 'Jul 09 2022'", "a.md",
         "2022-07-08T00:00:00+09:00", "front matter"),
        ("published: true\npublished_at: 2026-01-31 09:00", "articles/a.md",
         "2026-01-31T09:00:00+09:00", "front matter"),
        ("created: 2026-01-31", "a.md", "2026-01-31T00:00:00+09:00", "front matter"),
        ("date: May 30, 2021", "a.md", "2021-05-30T00:00:00+09:00", "front matter"),
        ("", "2026-01-31.md", "2026-01-31T00:00:00+09:00", "name"),
        ("", "2026-01-31_x.md", "2026-01-31T00:00:00+09:00", "name"),
        ("", "2026-01-31-x/index.md", "2026-01-31T00:00:00+09:00", "name"),
        ("", "blog/2026/01/31/x.md", "2026-01-31T00:00:00+09:00", "path"),
        ("date: 2026-01-30", "2026-01-31-x.md", "2026-01-30T00:00:00+09:00", "front matter"),
    ],
)  # fmt: skip
def test_where_a_date_may_stand(
    read_plain: Callable[..., Reading], keys: str, path: str, published_at: str, source: str
) -> None:
    article = find_article(read_plain(BARE.format(keys), path))
    assert (article.published_at.isoformat(), article.date_source) == (published_at, source)


def test_without_any_date_the_repository_is_asked_and_nothing_else(read: Read) -> None:
    added_at = datetime(2025, 5, 6, tzinfo=UTC)
    asked: list[str] = []

    def find_added_at(path: str) -> datetime:
        asked.append(path)
        return added_at

    def read_it(form: str, find: FindAddedAt) -> Reading:
        return read(form.format(""), "articles/a.md", "generic", find_added_at=find)

    article = find_article(read_it(BARE, find_added_at))
    assert (article.published_at, article.date_source) == (added_at, "git")
    read_it(POST, find_added_at)
    assert asked == ["articles/a.md"]
    unknown = read_it(BARE, lambda _path: None)
    assert (unknown.verdict, unknown.code) == (Verdict.QUARANTINED, "no_date")


@pytest.mark.parametrize(
    ("path", "address", "language"),
    [
        ("post/a.md", "/post/a/", "ja"),
        ("post/a.ja.md", "/post/a/", "ja"),
        ("post/a.en.md", "/en/post/a/", "en"),
        ("post/b/index.pt-BR.md", "/pt-br/post/b/", "pt-BR"),
        ("en/a.md", "/en/a/", "en"),
        ("articles-en/a.md", "/articles-en/a/", "en"),
        ("content.en/a.md", "/content.en/a/", "en"),
        ("hr/a.md", "/hr/a/", "ja"),
        ("ar/a.md", "/ar/a/", "ja"),
        ("hands-on/a.md", "/hands-on/a/", "ja"),
        ("v1.40.md", "/v1.40/", "ja"),
    ],
)
def test_languages_by_name_and_folder(
    read_plain: Callable[..., Reading], path: str, address: str, language: str
) -> None:
    article = find_article(read_plain(POST.format(""), path))
    assert (article.url, article.language) == (f"https://news.test{address}", language)


def test_a_folder_that_could_be_a_subject_is_a_language_where_the_text_is_in_its_letters(
    read_plain: Callable[..., Reading],
) -> None:
    arabic = POST.format("").replace("Text.", "مرحبا")
    assert find_article(read_plain(arabic, "ar/a.md")).language == "ar"
    assert find_article(read_plain(POST.format("lang: he_IL"), "ar/a.md")).language == "he-IL"


@pytest.mark.parametrize(
    ("text", "path", "code"),
    [
        (POST.format(""), "blog/_index.md", "place"),
        (POST.format(""), "blog/_example.md", "place"),
        (POST.format("type: page"), "a.md", "page"),
        (BARE.format("layout: page"), "about.md", "page"),
        (POST.format("permalink: false"), "a.md", "page"),
        ('+++\ntemplate = "x.html"\n+++\n', "releases/latest.md", "page"),
        ("---\ntitle: t\nredirect: /x\n---\n", "a.md", "redirect"),
        ("---\nredirectUrl: /x\n---\n", "a.md", "redirect"),
        ("---\nredirect_to: [/x]\n---\n\n", "a.md", "redirect"),
        ("---\nlayout: redirect\n---\n", "a.md", "redirect"),
        ("# Read me\n", "README.md", "no_front_matter"),
    ],
)
def test_what_is_no_post(
    read_plain: Callable[..., Reading], text: str, path: str, code: str
) -> None:
    reading = read_plain(text, path)
    assert (reading.verdict, reading.code) == (Verdict.NOT_A_POST, code)


@pytest.mark.parametrize(
    "keys",
    [
        "draft: true", "draft: Yes", "draft: ja", "published: false", "published: no",
        "status: draft", "status: Pending", "status: private",
    ],
)  # fmt: skip
@pytest.mark.parametrize("generator", ["jekyll", "hugo", "generic"])
def test_every_spelling_of_unpublished(read: Read, keys: str, generator: str) -> None:
    path = "content/post/2026-01-31-a.md"
    assert read(POST.format(keys), path=path, generator=generator).verdict is Verdict.DRAFT


@pytest.mark.parametrize(
    "keys",
    ["hidden: true", "unlisted: true", "listed: false", "status: hidden",
     "eleventyExcludeFromCollections: true"],
)  # fmt: skip
@pytest.mark.parametrize("generator", ["jekyll", "hugo", "generic"])
def test_every_spelling_of_hidden(read: Read, keys: str, generator: str) -> None:
    path = "content/post/2026-01-31-a.md"
    article = find_article(read(POST.format(keys), path=path, generator=generator))
    assert (article.in_feeds, article.mailable, article.draft) == (False, False, False)


@pytest.mark.parametrize("generator", ["jekyll", "hugo", "generic"])
def test_not_before_and_not_after_in_every_dialect(read: Read, generator: str) -> None:
    keys = "publishDate: 2027-03-01\nexpiryDate: 2027-04-01"
    path = "content/post/2026-01-31-a.md"
    reading = read(POST.format(keys), path=path, generator=generator)
    article = find_article(reading)
    assert reading.verdict is Verdict.SCHEDULED
    assert article.published_at.isoformat() == "2027-03-01T00:00:00+09:00"
    assert article.expires_at is not None


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("[a, [b, [c]], null, 47, 1.10, '', a]", ("a", "b", "c", "47", "1.10")),
        ("~", ()),
        ("{a: b}", ()),
        ("'か\u3099く'", ("がく",)),
        ("[{name: x}, y]", ("y",)),
    ],
)
@pytest.mark.parametrize("generator", ["jekyll", "hugo", "generic"])
def test_lists_of_tags(read: Read, written: str, meant: tuple[str, ...], generator: str) -> None:
    path = "content/post/2026-01-31-a.md"
    reading = read(POST.format(f"tags: {written}"), path=path, generator=generator)
    assert find_article(reading).tags == meant


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("title: no", "no"),
        ("title: 1.10", "1.10"),
        ("title: 0123", "0123"),
        ("title: 12:30:00", "12:30:00"),
        ("title: 2026-01-31", "2026-01-31"),
        ("title: true", "true"),
        ("title: [速報]", "速報"),
        ("title: |\n  one\n  two", "one two"),
        ("title: 'a  b\n\n  c'", "a b c"),
        ("title: '\u200bzero \u202eover\u202c width\ufeff'", "zero over width"),
        ("title: '👨\u200d👩\u200d👧 family'", "👨\u200d👩\u200d👧 family"),
        ("title: 'cut \ufffd'", "cut \ufffd"),
        ("title: 'Use `a_b` **now**'", "Use a_b now"),
        ("title: 'Array<T> & Map<K, V>'", "Array<T> & Map<K, V>"),
    ],
)
@pytest.mark.parametrize("generator", ["jekyll", "hugo", "generic"])
def test_titles(read: Read, written: str, title: str, generator: str) -> None:
    path = "content/post/2026-01-31-a.md"
    text = f"---\n{written}\ndate: 2026-01-31\n---\nText.\n"
    assert find_article(read(text, path=path, generator=generator)).title == title


@pytest.mark.parametrize("written", ["title:", "title: ''", "title: ~", "other: x"])
def test_without_a_title_the_heading_or_the_name_serves_and_it_is_said(
    read_plain: Callable[..., Reading], written: str
) -> None:
    text = f"---\n{written}\ndate: 2026-01-31\n---\nText.\n"
    article = find_article(read_plain(text, "my-post.md"))
    assert (article.title, [note.rule for note in article.warnings]) == ("My post", ["title"])


@pytest.mark.parametrize(
    ("written", "explicit_id"),
    [
        ("12", "tag:news.test,2026:id/12"),
        ("記事 1", "tag:news.test,2026:id/%E8%A8%98%E4%BA%8B%201"),
        ("tag:x.test,2020:a", "tag:x.test,2020:a"),
        ("https://x.test/?p=1", "https://x.test/?p=1"),
        ("urn:uuid:1225c695-cfb8-4ebb-aaaa-80da344efa6a",
         "urn:uuid:1225c695-cfb8-4ebb-aaaa-80da344efa6a"),
    ],
)  # fmt: skip
def test_an_id_is_always_an_iri(
    read_plain: Callable[..., Reading], written: str, explicit_id: str
) -> None:
    assert find_article(read_plain(POST.format(f"id: {written}"))).explicit_id == explicit_id
