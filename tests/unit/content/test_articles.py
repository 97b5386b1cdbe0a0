from __future__ import annotations

from collections.abc import Callable

import pytest

from service.content.authors import list_authors
from service.content.frontmatter import read_front_matter
from service.content.titles import clean_title
from service.model.post import Article, Author, Reading, Verdict

Read = Callable[..., Reading]
FRONT = "---\ntitle: 題\ndate: 2026-01-31 10:00:00 +0900\n{}\n---\n本文です。\n"


@pytest.fixture
def article(read: Read) -> Callable[..., Article]:
    def read_article(keys: str = "", **place: str) -> Article:
        reading = read(FRONT.format(keys), **place)
        assert reading.article is not None, reading
        return reading.article

    return read_article


def test_a_jekyll_post_is_read_whole(read: Read) -> None:
    reading = read(
        "---\nlayout: post\ntitle: '2026年の<em>AI</em> &amp; 未来'\n"
        "date: 2025-10-13 16:40:31 +0000\ncategories: ['業界別AI活用']\n"
        "tags: ['OpenAI', 'OpenAI']\n"
        "author: 編集部\nexcerpt: 要約です。\nimage: /assets/a.png\n---\n\n本文[図](/b)。\n",
        path="2025-10-13-2-ai203591.md",
        permalink="/:year/:month/:day/:title/",
    )
    assert (reading.verdict, reading.code) == (Verdict.PUBLISHED, "")
    article = reading.article
    assert article is not None
    assert article.title == "2026年のAI & 未来"
    # The day in the address is the site's: 16:40 UTC is tomorrow in Tokyo.
    assert article.url == "https://news.test/2025/10/14/2-ai203591/"
    assert article.published_at.isoformat() == "2025-10-13T16:40:31+00:00"
    assert (article.categories, article.tags) == (("業界別AI活用",), ("OpenAI",))
    assert article.authors == (Author("編集部"),)
    assert article.image is not None
    assert article.image.url == "https://news.test/assets/a.png"
    assert article.summary == "要約です。"
    assert article.html == '<p>本文<a href="https://news.test/b">図</a>。</p>\n'
    assert (article.language, article.in_feeds, article.mailable) == ("ja", True, True)


@pytest.mark.parametrize(
    ("permalink", "url"),
    [
        ("", "/ai-news/2026/01/31/A.b-c.html"),
        ("date", "/ai-news/2026/01/31/A.b-c.html"),
        ("pretty", "/ai-news/2026/01/31/A.b-c/"),
        ("ordinal", "/ai-news/2026/031/A.b-c.html"),
        ("none", "/ai-news/A.b-c.html"),
        ("/blog/:year/:i_month/:i_day/:slug", "/blog/2026/1/31/a-b-c"),
        ("/:short_year/:short_month/:title:output_ext", "/26/Jan/A.b-c.html"),
    ],
)
def test_jekylls_permalink_styles(read: Read, permalink: str, url: str) -> None:
    text = FRONT.format("categories: [AI News]").replace("AI News", "AI-News")
    reading = read(text, path="2026-01-31-A.b c.md", permalink=permalink)
    assert reading.article is not None
    assert reading.article.url == f"https://news.test{url}"


@pytest.mark.parametrize(
    ("path", "url"),
    [
        ("2026-01-31-々ai.md", "/%E3%80%85ai/"),
        ("2026-01-31-vim74-7.4(snapshot-70).md", "/vim74-7.4(snapshot-70)/"),
        ("2026-01-31-a+b & c%d.md", "/a+b-&-c-d/"),
        ("2026-01-31-मुंबई.md", "/%E0%A4%AE%E0%A5%81%E0%A4%82%E0%A4%AC%E0%A4%88/"),
    ],
)
def test_slugs_keep_every_script_and_are_escaped_once(
    article: Callable[..., Article], path: str, url: str
) -> None:
    assert article(path=path, permalink="/:title/").url == f"https://news.test{url}"


def test_a_permalink_in_the_front_matter_wins(article: Callable[..., Article]) -> None:
    assert article("permalink: /x/日本%20/").url == "https://news.test/x/%E6%97%A5%E6%9C%AC%20/"
    assert article("permalink: /:year/x/").url == "https://news.test/2026/x/"


@pytest.mark.parametrize(
    "permalink",
    ["/../x", "/%2e%2e/x", "/%252e%252e/x", "https://evil.test/", "javascript:x", "//["],
)
def test_a_permalink_that_leaves_the_site_is_quarantined(read: Read, permalink: str) -> None:
    reading = read(FRONT.format(f"permalink: '{permalink}'"))
    assert (reading.verdict, reading.code) == (Verdict.QUARANTINED, "permalink")
    assert reading.line == 4


@pytest.mark.parametrize(
    ("path", "keys", "url"),
    [
        ("content/post/Mein Post/index.md", "", "/post/mein-post/"),
        ("content/post/a.md", "slug: Other One", "/post/other-one/"),
        ("content/a.md", "url: /old/a.html", "/old/a.html"),
        ("blog/2022-12-21-x.md", "", "/blog/2022-12-21-x/"),
    ],
)
def test_hugo_addresses(article: Callable[..., Article], path: str, keys: str, url: str) -> None:
    assert article(keys, path=path, generator="hugo").url == f"https://news.test{url}"


def test_hugo_reads_languages_from_names_and_skips_sections(
    article: Callable[..., Article], read: Read
) -> None:
    assert article(path="post/a/index.es.md", generator="hugo").language == "es"
    assert article("lang: fr_CA", path="post/a.md", generator="hugo").language == "fr-CA"
    section = read(FRONT.format(""), path="content/post/_index.md", generator="hugo")
    assert (section.verdict, section.code) == (Verdict.NOT_A_POST, "place")


@pytest.mark.parametrize(
    ("generator", "tags", "read_as"),
    [
        ("jekyll", "a b", ("a", "b")),
        ("jekyll", "a b, c", ("a b", "c")),
        ("hugo", "a b", ("a b",)),
        ("generic", "a b, c", ("a b", "c")),
        ("jekyll", "[a b, null, 47, か\u3099]", ("a b", "47", "が")),
    ],
)
def test_what_a_string_of_tags_means(
    article: Callable[..., Article], generator: str, tags: str, read_as: tuple[str, ...]
) -> None:
    assert article(f"tags: {tags}", generator=generator).tags == read_as


def test_jekylls_folders_above_posts_are_categories(article: Callable[..., Article]) -> None:
    read = article("category: two words", path="news/_posts/2026-01-31-a.md")
    assert read.categories == ("news", "two words")


@pytest.mark.parametrize(
    ("keys", "authors"),
    [
        ("author: <a href='x'>Yuji</a>", (Author("Yuji"),)),
        ("authors: ['余军', B]", (Author("余军"), Author("B"))),
        ("author: Ann <ann@x.test>", (Author("Ann", "ann@x.test"),)),
        (
            "authors:\n- name: Ann\n  email: a@x.test\n  url: https://x.test/a\n- url: y",
            (Author("Ann", "a@x.test", "https://x.test/a"),),
        ),
        ("author: {name: Ann, url: /about/}", (Author("Ann"),)),
        ("authors: {name: Ann, email: a@x.test}", (Author("Ann", "a@x.test"),)),
        ("author: {twitter: ann}", ()),
        ("", ()),
    ],
)
def test_authors_in_every_form(
    article: Callable[..., Article], keys: str, authors: tuple[Author, ...]
) -> None:
    assert article(keys).authors == authors


def test_an_author_named_by_a_key_is_the_one_the_site_knows() -> None:
    front = read_front_matter("---\nauthors: [ann, Bob]\n---\n", header_lines=False)
    assert front is not None
    known = (("ann", Author("Ann Ito", "ann@x.test")),)
    assert list_authors(front, "", known) == (Author("Ann Ito", "ann@x.test"), Author("Bob"))


def test_a_post_without_a_title_takes_its_first_heading_and_says_so(read: Read) -> None:
    reading = read("---\nlayout: post\n---\n\ntext\n\n# 見出し **太**\n")
    assert reading.article is not None
    assert reading.article.title == "見出し 太"
    assert [note.rule for note in reading.article.warnings] == ["title"]


def test_without_a_heading_the_title_is_made_from_the_slug(read: Read) -> None:
    reading = read("---\nlayout: post\n---\ntext\n")
    assert reading.article is not None
    assert reading.article.title == "A slug"


def test_a_title_made_from_a_dated_name_leaves_the_date_out(read: Read) -> None:
    article = read("---\ndate: 2026-01-31\n---\ntext\n", generator="hugo").article
    assert article is not None
    assert article.title == "A slug"


def test_a_summary_turns_no_text_around(read: Read) -> None:
    article = read("---\ntitle: t\nsummary: a \u202eb\u200b\n---\ntext\n").article
    assert article is not None
    assert article.summary == "a b"


def test_titles_are_html_for_jekyll_and_plain_for_hugo(
    article: Callable[..., Article], read: Read
) -> None:
    text = "---\ntitle: 'A `code` &lt;T&gt;\u200b'\ndate: 2026-01-31\n---\nb\n"
    jekyll, hugo = read(text).article, read(text, generator="hugo").article
    assert jekyll is not None
    assert hugo is not None
    assert (jekyll.title, hugo.title) == ("A code <T>", "A code &lt;T&gt;")


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("one<br>two<BR />three", "one two three"),
        ("**my_name** and __bold words__", "my_name and bold words"),
        ("What __init__ does in a_b__c__d", "What __init__ does in a_b__c__d"),
    ],
)
def test_marks_leave_a_title_and_names_stay(written: str, shown: str) -> None:
    assert clean_title(written, is_html=True) == shown


@pytest.mark.parametrize(
    "keys", ["draft: true", "published: false", "status: draft", "draft: 'yes'"]
)
@pytest.mark.parametrize("generator", ["jekyll", "hugo", "generic"])
def test_a_draft_is_a_draft_in_every_dialect(read: Read, keys: str, generator: str) -> None:
    reading = read(FRONT.format(keys), generator=generator)
    assert reading.verdict is Verdict.DRAFT
    assert reading.article is not None
    assert reading.article.draft


def test_a_draft_may_lack_what_a_post_needs(read: Read) -> None:
    reading = read("---\ntitle: t\npublished: false\n---\nb", path="a.md", generator="generic")
    assert (reading.verdict, reading.code, reading.article) == (Verdict.DRAFT, "no_date", None)


def test_a_future_date_is_scheduled(read: Read) -> None:
    reading = read("---\ntitle: t\ndate: 2027-01-01\n---\nb")
    assert (reading.verdict, reading.code) == (Verdict.SCHEDULED, "future")


@pytest.mark.parametrize(
    ("keys", "in_feeds", "mailable"),
    [
        ("hidden: true", False, False),
        ("mail: false", True, False),
        ("robots: 'noindex, follow'", True, False),
        ("sitemap: false", True, False),
        ("canonical_url: https://other.test/x", True, False),
        ("canonical_url: https://news.test/2026/01/31/a-slug.html", True, True),
        ("canonical_url: 'http://[x'", True, True),
    ],
)
def test_what_stays_out_of_feeds_and_mail(
    article: Callable[..., Article], keys: str, in_feeds: bool, mailable: bool
) -> None:
    read = article(keys)
    assert (read.in_feeds, read.mailable) == (in_feeds, mailable)


def test_other_keys_are_carried_along(article: Callable[..., Article]) -> None:
    read = article(
        "id: 記事-1\npinned: true\nlast_modified_at: 2026-02-01\nexpiryDate: 2026-03-01\n"
        "redirect_from: /old/\naliases: [older/]\n"
        "enclosure: {url: /a.mp3, length: 12}"
    )
    assert read.explicit_id == "tag:news.test,2026:id/%E8%A8%98%E4%BA%8B-1"
    assert read.pinned
    assert read.modified_at is not None
    assert read.expires_at is not None
    assert read.former_urls == ("https://news.test/old/", "https://news.test/older/")
    assert [(e.url, e.type, e.length) for e in read.enclosures] == [
        ("https://news.test/a.mp3", "audio/mpeg", 12)
    ]


def test_an_unreadable_date_of_change_is_only_noted(article: Callable[..., Article]) -> None:
    read = article("last_modified_at: soon")
    assert read.modified_at is None
    assert [note.rule for note in read.warnings] == ["date"]


@pytest.mark.parametrize(
    ("text", "generator", "path", "verdict", "code", "line"),
    [
        ("", "jekyll", "2026-01-31-a.md", "not a post", "no_front_matter", None),
        ("\ufeff", "generic", "a.md", "not a post", "no_front_matter", None),
        ("# Readme\n", "jekyll", "2026-01-31-a.md", "not a post", "no_front_matter", None),
        ("---\ntitle: t\n---\n", "jekyll", "about.md", "not a post", "place", None),
        ("---\nredirect: /x\n---\n", "generic", "a.md", "not a post", "redirect", None),
        ("---\ntitle: t\n---\nb", "generic", "a.md", "quarantined", "no_date", None),
        ("---\ntitle: t\ndate: soon\n---\n", "hugo", "a.md", "quarantined", "date", 3),
        ("---\ntitle: t\n---\nb", "jekyll", "2024-13-40-a.md", "quarantined", "date", None),
        (b"---\ntitle: \xe9\n---\n", "jekyll", "2026-01-31-a.md", "quarantined", "encoding", 2),
        ("---\ntitle: a: b\n---\n", "jekyll", "2026-01-31-a.md", "quarantined", "yaml", 2),
    ],
)
def test_every_file_ends_in_one_verdict(
    read: Read, text: str | bytes, generator: str, path: str, verdict: str, code: str, line: int
) -> None:
    reading = read(text, path=path, generator=generator)
    assert (reading.verdict.value, reading.code, reading.line) == (verdict, code, line)


def test_bom_crlf_and_control_characters_are_no_obstacle(read: Read) -> None:
    reading = read("\ufeff---\r\ntitle: t\x0b\r\n---\r\na\x00b\r\nc\r\n")
    assert reading.article is not None
    assert (reading.article.title, reading.article.html) == ("t", "<p>ab\nc</p>\n")
    assert [note.rule for note in reading.article.warnings] == ["control"]


def test_warnings_name_their_line_in_the_file(read: Read) -> None:
    reading = read("---\ntitle: t\n---\none\n\n---END---\n\ntwo\n")
    assert reading.article is not None
    assert "two" in reading.article.html
    assert [(note.rule, note.line) for note in reading.article.warnings] == [("stray_marker", 6)]


def test_a_plain_folder_takes_dates_from_paths_and_addresses_from_folders(
    article: Callable[..., Article], read: Read
) -> None:
    zola = read('+++\npath = "2019/12/19/Rust"\ntitle = "t"\n+++\nb', "a.md", "generic").article
    assert zola is not None
    assert zola.published_at.isoformat() == "2019-12-19T00:00:00+09:00"
    assert zola.url == "https://news.test/2019/12/19/Rust/"
    assert article(path="notes/One.md", generator="generic").url == "https://news.test/notes/One/"
