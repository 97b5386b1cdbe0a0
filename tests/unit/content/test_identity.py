"""Tables of what must count as one article: files as they are, beside the posts that were."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from service.content.identity import Arrival, Decisions, KnownPost, mint_uid
from service.content.likeness import digest_text, likeness
from service.content.recognition import decide_identity

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
DAY = datetime(2026, 1, 31, 10, tzinfo=UTC)
LATER = DAY + timedelta(hours=4)
SHORT = "江戸の瓦版は町の角で読み上げられ、その日のうちに人から人へと渡っていった。"


def write_text(name: str, parts: int = 8) -> str:
    """A long text that has nothing in common with one of another name."""
    return "".join(hashlib.sha256(f"{name}{n}".encode()).hexdigest() for n in range(parts))


A, B, C = write_text("a"), write_text("b"), write_text("c")


@dataclass
class Desk:
    """The posts that were, and the files that came."""

    known: list[KnownPost] = field(default_factory=list)
    arrivals: list[Arrival] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)
    posts: dict[int, str] = field(default_factory=dict)

    def knows(
        self,
        path: str,
        text: str,
        title: str = "題",
        dated: datetime = DAY,
        gone: timedelta | None = None,
        seen: timedelta = timedelta(days=9),
        explicit_id: str | None = None,
    ) -> Desk:
        post_id = len(self.known) + 1
        self.posts[post_id] = text
        self.known.append(
            KnownPost(
                post_id=post_id,
                path=path,
                title=title,
                dated=dated,
                text_digest=digest_text(text),
                first_seen_at=NOW - seen,
                explicit_id=explicit_id,
                gone_at=None if gone is None else NOW - gone,
            )
        )
        return self

    def gets(
        self,
        path: str,
        text: str,
        title: str = "題",
        dated: datetime = DAY,
        explicit_id: str | None = None,
    ) -> Desk:
        self.files[path] = text
        self.arrivals.append(Arrival(path, title, dated, explicit_id))
        return self

    def of_file(self, path: str) -> str:
        return self.files[path]

    def of_post(self, post_id: int) -> str:
        return self.posts[post_id]

    def decide(self) -> Decisions:
        return decide_identity(self.arrivals, self.known, self, NOW)

    def list_decided(self) -> list[tuple[int | None, str]]:
        return [(one.post_id, one.how) for one in self.decide().identities]


JUST_NOW = timedelta()
NEW, REPLACED, DUPLICATE = (None, "new"), (None, "replaced"), (None, "duplicate")


def test_a_path_never_seen_is_new() -> None:
    assert Desk().gets("a.md", A).list_decided() == [NEW]


@pytest.mark.parametrize("text", [SHORT, A, B])
@pytest.mark.parametrize("dated", [DAY, LATER])
@pytest.mark.parametrize("title", ["題", "別"])
def test_only_title_and_date_and_text_together_make_another_article(
    title: str, dated: datetime, text: str
) -> None:
    desk = Desk().knows("a.md", A).gets("a.md", text, title, dated)
    is_another = title == "別" and dated == LATER and text != A
    assert desk.list_decided() == [REPLACED if is_another else (1, "path")]


def test_a_retitled_redated_post_that_grew_or_was_cut_is_still_itself() -> None:
    grown = A + "".join(write_text(f"part{n}") for n in range(5))
    assert likeness(A, grown) > 0.99
    assert Desk().knows("a.md", A).gets("a.md", grown, "別", LATER).list_decided() == [(1, "path")]
    assert Desk().knows("a.md", grown).gets("a.md", A, "別", LATER).list_decided() == [(1, "path")]


def test_the_same_date_in_another_offset_is_the_same_date() -> None:
    tokyo = datetime.fromisoformat("2026-01-31T19:00:00+09:00")
    assert Desk().knows("a.md", A).gets("a.md", B, "別", tokyo).list_decided() == [(1, "path")]


@pytest.mark.parametrize(
    ("gone", "title", "dated", "text", "decided"),
    [
        (timedelta(hours=2), "別", LATER, A, (1, "rename")),
        (timedelta(hours=25), "題", DAY, A, NEW),
        (JUST_NOW, "別", DAY, A[:-40] + B[:40], (1, "rename")),
        (JUST_NOW, "別", DAY, A + B[:90], (1, "rename")),
        (JUST_NOW, "題", LATER, A[:-40] + B[:40], NEW),
        (JUST_NOW, "題", DAY, A[:256] + B[:256], NEW),
        (JUST_NOW, "題", DAY, B, NEW),
        (JUST_NOW, "題", DAY, "", NEW),
    ],
)
def test_a_missing_file_and_a_new_one_are_a_rename_by_text_or_by_date_and_likeness(
    gone: timedelta, title: str, dated: datetime, text: str, decided: tuple[int | None, str]
) -> None:
    desk = Desk().knows("old.md", A, gone=gone).gets("new.md", text, title, dated)
    assert desk.list_decided() == [decided]


def test_a_copy_beside_the_original_is_a_new_post() -> None:
    assert Desk().knows("a.md", A).gets("copy.md", A).list_decided() == [NEW]
    both = Desk().knows("a.md", A).gets("a.md", A + "。").gets("copy.md", A)
    assert both.list_decided() == [(1, "path"), NEW]


def test_a_date_line_that_two_posts_share_proves_nothing() -> None:
    desk = Desk().knows("old.md", A, gone=JUST_NOW).knows("b.md", B)
    assert desk.gets("new.md", A + "。").list_decided() == [NEW]


def test_a_date_line_of_one_deleted_last_week_is_no_competition() -> None:
    desk = Desk().knows("x.md", B, gone=timedelta(days=7)).knows("old.md", A, gone=JUST_NOW)
    assert desk.gets("new.md", A + "。").list_decided() == [(2, "rename")]


def test_one_vanished_post_is_renamed_once_and_to_the_file_most_like_it() -> None:
    desk = Desk().knows("old.md", A, gone=JUST_NOW)
    desk.gets("x.md", A, "別", LATER).gets("y.md", A)
    assert desk.list_decided() == [NEW, (1, "rename")]


def test_of_two_vanished_posts_with_one_text_each_finds_its_own() -> None:
    desk = Desk().knows("old1.md", A, "一", gone=JUST_NOW).knows("old2.md", A, "二", gone=JUST_NOW)
    assert desk.gets("x.md", A, "二").gets("y.md", A, "一").list_decided() == [
        (2, "rename"),
        (1, "rename"),
    ]


def test_a_file_moved_over_another_is_a_rename_not_an_edit() -> None:
    desk = Desk().knows("a.md", A, gone=JUST_NOW).knows("b.md", B, "別", LATER)
    assert desk.gets("b.md", A).list_decided() == [(1, "rename")]
    same_day = Desk().knows("a.md", A, gone=JUST_NOW).knows("b.md", B, "別")
    assert same_day.gets("b.md", A).list_decided() == [(1, "rename")]


@pytest.mark.parametrize("dated", [DAY, LATER])
def test_two_posts_may_change_places(dated: datetime) -> None:
    desk = Desk().knows("a.md", A).knows("b.md", B, "別", dated)
    desk.gets("a.md", B, "別", dated).gets("b.md", A)
    assert desk.list_decided() == [(2, "rename"), (1, "rename")]


def test_a_chain_of_renames_is_followed() -> None:
    desk = Desk().knows("a.md", A, gone=JUST_NOW).knows("b.md", B, "別", LATER)
    desk.gets("b.md", A).gets("c.md", B, "別", LATER)
    assert desk.list_decided() == [(1, "rename"), (2, "rename")]


def test_a_post_makes_room_for_another_article_at_its_old_path() -> None:
    desk = Desk().knows("a.md", A).gets("a.md", C, "新", LATER).gets("a-old.md", A)
    assert desk.list_decided() == [REPLACED, (1, "rename")]
    edited = Desk().knows("a.md", A).gets("a.md", C, "新", LATER).gets("z.md", A + "。", "改題")
    assert edited.list_decided() == [REPLACED, (1, "rename")]


def test_a_post_filed_away_takes_its_identity_along_though_the_next_has_its_title() -> None:
    desk = Desk().knows("latest.md", A, "今月号")
    desk.gets("2026-01.md", A, "今月号").gets("latest.md", B, "今月号", LATER)
    assert desk.list_decided() == [(1, "rename"), REPLACED]


def test_a_short_text_found_again_is_no_proof_of_a_move() -> None:
    desk = Desk().knows("a.md", "本文。").gets("a.md", B, "題", LATER).gets("n.md", "本文。", "題")
    assert desk.list_decided() == [(1, "path"), NEW]


@pytest.mark.parametrize("gone", [timedelta(hours=3), timedelta(days=99)])
def test_deleted_and_added_again_is_the_same_post(gone: timedelta) -> None:
    desk = Desk().knows("a.md", A, gone=gone)
    assert desk.gets("a.md", B, "題", LATER).list_decided() == [(1, "returned")]


def test_another_article_at_a_path_long_deleted_is_new() -> None:
    desk = Desk().knows("a.md", A, gone=timedelta(days=99))
    assert desk.gets("a.md", B, "別", LATER).list_decided() == [NEW]


def test_a_rename_goes_before_a_return() -> None:
    desk = Desk().knows("b.md", B, "題", gone=timedelta(days=99)).knows("a.md", A, gone=JUST_NOW)
    assert desk.gets("b.md", A).list_decided() == [(2, "rename")]


@pytest.mark.parametrize("gone", [timedelta(hours=3), timedelta(days=99)])
def test_an_overwriting_taken_back_brings_the_first_article_back(gone: timedelta) -> None:
    desk = Desk().knows("a.md", A, gone=gone).knows("a.md", B, "別", LATER)
    assert desk.gets("a.md", A).list_decided() == [(1, "returned")]
    third = Desk().knows("a.md", A, gone=gone).knows("a.md", B, "別", LATER)
    assert third.gets("a.md", C, "題", LATER + timedelta(days=1)).list_decided() == [REPLACED]


def test_a_copy_seen_before_its_original_went_is_a_rename_in_two_steps() -> None:
    desk = Desk().knows("old.md", A, gone=JUST_NOW).knows("new.md", A, seen=timedelta(minutes=1))
    assert desk.decide().merged == {1: 2}
    edited = Desk().knows("old.md", A, gone=JUST_NOW).knows("new.md", A, seen=timedelta(minutes=1))
    edited.gets("new.md", A, "別")
    assert edited.list_decided() == [(1, "rename")]


@pytest.mark.parametrize(
    "change",
    [
        {"is_news": True},
        {"first_seen_at": NOW - timedelta(days=30)},
        {"first_seen_at": NOW - timedelta(hours=25)},
        {"text_digest": digest_text(B)},
        {"title": "別", "dated": LATER},
        {"explicit_id": "other"},
    ],
)
def test_what_may_be_a_post_of_its_own_is_left_alone(change: dict[str, object]) -> None:
    desk = Desk().knows("old.md", A, gone=JUST_NOW, explicit_id="x")
    desk.knows("new.md", A, seen=timedelta(minutes=1))
    desk.known[1] = replace(desk.known[1], **change)  # type: ignore[arg-type]
    assert desk.decide().merged == {}


def test_an_explicit_id_outlives_path_title_and_text() -> None:
    desk = Desk().knows("a.md", A, gone=timedelta(days=99), explicit_id="x")
    assert desk.gets("z.md", B, "別", NOW, "x").list_decided() == [(1, "explicit")]


def test_the_second_file_with_an_explicit_id_is_refused() -> None:
    known = Desk().knows("z.md", A, explicit_id="x").gets("a.md", A, explicit_id="x")
    assert known.list_decided() == [DUPLICATE]
    both = Desk().gets("b.md", B, explicit_id="n").gets("a.md", A, explicit_id="n")
    assert both.list_decided() == [DUPLICATE, NEW]


def test_the_file_that_had_the_id_keeps_it_when_both_are_read() -> None:
    desk = Desk().knows("z.md", A, explicit_id="x")
    desk.gets("a.md", A, explicit_id="x").gets("z.md", B, "別", LATER, "x")
    assert desk.list_decided() == [DUPLICATE, (1, "explicit")]


def test_a_refused_file_leaves_the_post_at_its_path_in_peace() -> None:
    desk = Desk().knows("a.md", A, explicit_id="x").knows("b.md", B, "別", LATER)
    desk.gets("b.md", A, explicit_id="x").gets("c.md", B, "別", LATER)
    assert desk.list_decided() == [DUPLICATE, NEW]


def test_ids_that_were_swapped_are_followed() -> None:
    desk = Desk().knows("a.md", A, explicit_id="x").knows("b.md", B, "別", explicit_id="y")
    desk.gets("a.md", A, explicit_id="y").gets("b.md", B, "別", explicit_id="x")
    assert desk.list_decided() == [(2, "explicit"), (1, "explicit")]


def test_a_post_that_gave_its_id_away_is_still_itself() -> None:
    desk = Desk().knows("a.md", A, explicit_id="x")
    desk.gets("a.md", A).gets("b.md", B, "別", LATER, "x")
    assert desk.list_decided() == [(1, "path"), NEW]
    moved = Desk().knows("a.md", A, explicit_id="x")
    moved.gets("a.md", C, "別", LATER).gets("b.md", A, explicit_id="x")
    assert moved.list_decided() == [REPLACED, (1, "explicit")]


@pytest.mark.parametrize("before", [None, "x"])
@pytest.mark.parametrize("after", [None, "x", "y"])
def test_an_id_added_changed_or_taken_away_does_not_change_who_a_post_is(
    before: str | None, after: str | None
) -> None:
    edited = Desk().knows("a.md", A, explicit_id=before).gets("a.md", A, explicit_id=after)
    assert edited.list_decided()[0][0] == 1
    moved = Desk().knows("a.md", A, gone=JUST_NOW, explicit_id=before)
    assert moved.gets("b.md", A, "別", explicit_id=after).list_decided()[0][0] == 1


def test_another_id_with_another_text_is_another_article_under_any_title() -> None:
    desk = Desk().knows("a.md", A, explicit_id="x")
    assert desk.gets("a.md", B, explicit_id="y").list_decided() == [REPLACED]


def test_a_mass_edit_of_front_matter_compares_no_text() -> None:
    class Sealed(Desk):
        def of_file(self, path: str) -> str:
            raise AssertionError(path)

        of_post = of_file  # type: ignore[assignment]

    desk = Sealed()
    for number in range(30):
        dated = DAY + timedelta(hours=number)
        desk.knows(f"{number}.md", write_text(str(number)), f"{number}", dated)
        desk.gets(f"{number}.md", "", f"{number}", dated)
    assert desk.list_decided() == [(number + 1, "path") for number in range(30)]


def test_likeness_goes_from_nothing_to_the_same() -> None:
    assert likeness(SHORT, SHORT) == 1.0
    assert likeness(SHORT, "Nothing of that.") == 0.0
    assert likeness("", "") == 1.0
    assert 0.3 < likeness(SHORT, SHORT[:25]) < 0.8


def test_a_short_text_inside_a_long_one_does_not_make_them_alike() -> None:
    assert likeness(SHORT, SHORT + A) < 0.3


def test_two_articles_with_the_same_block_at_the_end_are_not_alike() -> None:
    assert likeness(A + C[:128], B + C[:128]) < 0.3


def test_the_digest_of_a_text_is_blind_to_white_space() -> None:
    assert digest_text("a b\nc") == digest_text("ab c")
    assert digest_text(" \n") == ""


@pytest.mark.parametrize(
    ("host", "written"), [("news.test", "news.test"), ("瓦版.test", "xn--i1xt9c.test")]
)
def test_an_id_is_minted_in_ascii(host: str, written: str) -> None:
    uid = mint_uid(host, 2026, "_posts/記事.md", 0)
    assert uid.startswith(f"tag:{written},2026:post/")
    assert uid.isascii()
    assert uid != mint_uid(host, 2026, "_posts/記事.md", 1)
