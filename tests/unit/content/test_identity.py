from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from service.content.identity import (
    Identity,
    KnownPost,
    decide_identity,
    digest_text,
    likeness,
    mint_uid,
)
from service.model.post import Article

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
DAY = datetime(2026, 1, 31, 10, tzinfo=UTC)
BODY = "江戸の瓦版は町の角で読み上げられ、その日のうちに人から人へと渡っていった。"
OTHER = "A completely different article about the weather in another country, at length."


def make_article(
    path: str, title: str = "題", dated: datetime = DAY, text: str = BODY, **more: str
) -> Article:
    return Article(path, title, "u", dated, "s", "h", text, "ja", **more)  # type: ignore[arg-type]


def make_known(
    post_id: int,
    path: str,
    title: str = "題",
    dated: datetime = DAY,
    text: str = BODY,
    gone: timedelta | None = None,
    explicit_id: str | None = None,
) -> KnownPost:
    gone_at = NOW - gone if gone is not None else None
    return KnownPost(
        post_id, path, explicit_id, title, dated.isoformat(), digest_text(text), gone_at
    )


def decide(
    articles: list[Article], known: list[KnownPost], **texts: str
) -> list[tuple[int | None, str]]:
    def text_of(post_id: int) -> str:
        return texts[f"t{post_id}"]

    found: list[Identity] = decide_identity(articles, known, text_of, NOW)
    return [(identity.post_id, identity.how) for identity in found]


def test_a_path_never_seen_is_new() -> None:
    assert decide([make_article("a.md")], []) == [(None, "new")]


def test_edits_of_title_date_or_text_alone_are_the_same_post() -> None:
    known = [make_known(1, "a.md")]
    later = DAY + timedelta(days=1)
    for edited in (
        make_article("a.md", title="別"),
        make_article("a.md", dated=later),
        make_article("a.md", text=OTHER),
        make_article("a.md", title="別", dated=later),
        make_article("a.md", title="別", text=OTHER),
        make_article("a.md", dated=later, text=OTHER),
    ):
        assert decide([edited], known) == [(1, "path")]


def test_title_and_date_and_text_together_make_another_article() -> None:
    known = [make_known(1, "a.md")]
    article = make_article("a.md", "別", DAY + timedelta(hours=4), OTHER)
    assert decide([article], known, t1=BODY) == [(None, "replaced")]


def test_a_retitled_redated_post_that_grew_is_still_itself() -> None:
    known = [make_known(1, "a.md")]
    article = make_article("a.md", "別", DAY + timedelta(hours=4), BODY + "続きがある。")
    assert decide([article], known, t1=BODY) == [(1, "path")]


def test_the_same_date_in_another_offset_is_the_same_date() -> None:
    known = [make_known(1, "a.md")]
    tokyo = datetime.fromisoformat("2026-01-31T19:00:00+09:00")
    assert decide([make_article("a.md", "別", tokyo, OTHER)], known) == [(1, "path")]


def test_the_same_text_at_another_path_within_a_day_is_a_rename() -> None:
    known = [make_known(1, "old.md", gone=timedelta(hours=2))]
    moved = make_article("new.md", "別", DAY + timedelta(days=1))
    assert decide([moved], known) == [(1, "rename")]


def test_after_a_day_it_is_a_new_post() -> None:
    known = [make_known(1, "old.md", gone=timedelta(hours=25))]
    assert decide([make_article("new.md")], known) == [(None, "new")]


def test_a_copy_beside_the_original_is_a_new_post() -> None:
    assert decide([make_article("copy.md")], [make_known(1, "a.md")]) == [(None, "new")]


def test_the_same_date_and_nearly_the_same_text_is_a_rename() -> None:
    known = [make_known(1, "old.md", gone=timedelta())]
    assert decide([make_article("new.md", "別", text=BODY + "。")], known, t1=BODY) == [
        (1, "rename")
    ]
    assert decide([make_article("new.md", text=OTHER)], known, t1=BODY) == [(None, "new")]


def test_a_date_line_that_two_posts_share_proves_nothing() -> None:
    known = [make_known(1, "old.md", gone=timedelta()), make_known(2, "b.md", text=OTHER)]
    assert decide([make_article("new.md", text=BODY + "。")], known, t1=BODY) == [(None, "new")]


def test_one_vanished_post_is_renamed_once() -> None:
    known = [make_known(1, "old.md", gone=timedelta())]
    articles = [make_article("x.md"), make_article("y.md")]
    assert decide(articles, known) == [(1, "rename"), (None, "new")]


def test_a_file_moved_over_another_is_a_rename_not_an_edit() -> None:
    known = [
        make_known(1, "a.md", gone=timedelta()),
        make_known(2, "b.md", "別", DAY - timedelta(days=9), OTHER),
    ]
    assert decide([make_article("b.md")], known, t2=OTHER) == [(1, "rename")]


def test_deleted_and_added_again_is_the_same_post() -> None:
    known = [make_known(1, "a.md", gone=timedelta(hours=3))]
    assert decide([make_article("a.md")], known) == [(1, "returned")]


def test_an_explicit_id_outlives_path_title_and_text() -> None:
    known = [make_known(1, "a.md", gone=timedelta(hours=1), explicit_id="x")]
    moved = make_article("z.md", "別", NOW, OTHER, explicit_id="x")
    assert decide([moved], known) == [(1, "explicit")]


def test_the_second_file_with_an_explicit_id_is_reported() -> None:
    known = [make_known(1, "z.md", explicit_id="x")]
    copy = make_article("a.md", explicit_id="x")
    assert decide([copy], known) == [(None, "duplicate")]
    both = [make_article("b.md", explicit_id="n"), make_article("a.md", explicit_id="n")]
    assert decide(both, []) == [(None, "duplicate"), (None, "new")]


def test_a_post_may_be_given_an_explicit_id_later() -> None:
    known = [make_known(1, "a.md")]
    assert decide([make_article("a.md", explicit_id="x")], known) == [(1, "path")]


def test_likeness_goes_from_nothing_to_the_same() -> None:
    assert likeness(BODY, BODY) == 1.0
    assert likeness(BODY, OTHER) == 0.0
    assert likeness("", "") == 1.0
    assert 0.3 < likeness(BODY, BODY[:25]) < 0.8


def test_the_digest_of_a_text_is_blind_to_white_space() -> None:
    assert digest_text("a b\nc") == digest_text("ab c")
    assert digest_text(" \n") == ""


@pytest.mark.parametrize(
    ("host", "written"), [("news.test", "news.test"), ("瓦版.test", "xn--0ov22l.test")]
)
def test_an_id_is_minted_in_ascii(host: str, written: str) -> None:
    uid = mint_uid(host, 2026, "_posts/記事.md", 0)
    assert uid.startswith("tag:")
    assert uid.isascii()
    assert uid != mint_uid(host, 2026, "_posts/記事.md", 1)
    assert mint_uid("news.test", 2026, "a.md", 0).startswith("tag:news.test,2026:post/")
