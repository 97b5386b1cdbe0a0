from __future__ import annotations

from dataclasses import replace
from datetime import date
from gettext import GNUTranslations
from io import BytesIO

from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from service.editions.plain import count_columns
from service.editions.select import select_posts
from service.editions.subject import SUBJECT_COLUMNS, compose_subject
from service.model.edition import Candidate, Edition, Selection
from service.model.newsletter import Cadence, Newsletter
from service.model.post import Post
from service.words.catalogues import find_voice
from service.words.voice import Voice

DAY = date(2025, 10, 20)
JA, EN = find_voice("ja-JP"), find_voice("en")


def read_voice(catalogue: str) -> Voice:
    """The voice of a Polish file."""
    locale, compiled = Locale.parse("pl"), BytesIO()
    write_mo(compiled, read_po(BytesIO(catalogue.encode()), locale=locale))
    compiled.seek(0)
    return Voice("pl", locale, GNUTranslations(compiled))


def select(posts: list[Candidate]) -> Selection:
    return select_posts(posts, max_posts=15, group_by="category")


def test_a_digest_names_its_first_post_and_how_many_others(
    edition: Edition, newsletter: Newsletter, week: list[Candidate]
) -> None:
    subject = compose_subject(edition, newsletter, select(week), JA, DAY)
    assert subject == "川の水位を毎朝はかる人 ほか7本｜川べり通信 10月20日号"


def test_an_english_digest_says_the_same_in_english(
    edition: Edition, newsletter: Newsletter, post: Post
) -> None:
    english = replace(newsletter, title="Riverside Notes")
    posts = [Candidate(replace(post, title="Market on the bridge"), 1)]
    other = Candidate(replace(post, post_id=2, title="Winter ferries"), 2)
    one = compose_subject(edition, english, select(posts), EN, DAY)
    assert one == "Market on the bridge | Riverside Notes, October 20"
    two = compose_subject(edition, english, select([*posts, other]), EN, DAY)
    assert two == "Winter ferries, and 1 more | Riverside Notes, October 20"


def test_a_long_first_title_is_clipped_and_a_long_name_gives_way(
    edition: Edition, newsletter: Newsletter, post: Post
) -> None:
    long = select([Candidate(replace(post, title="たいへんに長い題" * 20), 1)])
    subject = compose_subject(edition, newsletter, long, JA, DAY)
    assert subject.endswith("…｜川べり通信 10月20日号")
    assert count_columns(subject) <= SUBJECT_COLUMNS
    named = replace(newsletter, title="とても名前の長いまちの川べり通信・週刊版の完全なお知らせ")
    alone = compose_subject(edition, named, long, JA, DAY)
    assert alone.startswith("たいへんに長い題")
    assert "通信" not in alone


def test_each_has_the_title_of_its_post(
    edition: Edition, newsletter: Newsletter, post: Post
) -> None:
    each = replace(edition, cadence=Cadence.EACH)
    subject = compose_subject(each, newsletter, select([Candidate(post, 1)]), JA, DAY)
    assert subject == "橋の上の朝市が三年ぶりに戻る"


def test_a_configured_subject_is_filled_and_keeps_other_braces(
    edition: Edition, newsletter: Newsletter, week: list[Candidate]
) -> None:
    form = replace(newsletter, subject="{title}（{date}・{count}本）{first} {other} {")
    subject = compose_subject(edition, form, select(week), JA, DAY)
    assert subject == "川べり通信（10月20日・8本）川の水位を毎朝はかる人 {other} {"


def test_a_title_with_braces_is_not_filled_again(
    edition: Edition, newsletter: Newsletter, post: Post
) -> None:
    braces = select([Candidate(replace(post, title="{title} と {0} の書き方"), 1)])
    assert compose_subject(edition, newsletter, braces, JA, DAY).startswith("{title} と {0} の")


def test_an_editors_subject_goes_before_everything(
    edition: Edition, newsletter: Newsletter, week: list[Candidate]
) -> None:
    by_hand = replace(edition, subject=" 号外\r\nBcc: x@example.com {first}\u202e ")
    form = replace(newsletter, subject="{title}")
    subject = compose_subject(by_hand, form, select(week), JA, DAY)
    assert subject == "号外 Bcc: x@example.com {first}"


def test_an_announcement_has_the_newsletters_name_and_the_day(
    edition: Edition, newsletter: Newsletter
) -> None:
    assert compose_subject(edition, newsletter, select([]), JA, DAY) == (
        "川べり通信 10月20日のお知らせ"
    )


def test_another_language_has_its_own_order_plurals_and_dates(
    edition: Edition, newsletter: Newsletter, week: list[Candidate]
) -> None:
    polish = read_voice(
        """
msgid ""
msgstr "Plural-Forms: nplurals=3; plural=(n==1 ? 0 : n>=2 && n<=4 ? 1 : 2);\\n"

msgid "{first}, and {count} more"
msgid_plural "{first}, and {count} more"
msgstr[0] "{first} i {count} inny"
msgstr[1] "{first} i {count} inne"
msgstr[2] "{first} i {count} innych"

msgid "{head} | {title}, {day}"
msgstr "{title} ({day}): {head}"

msgctxt "a date by its CLDR pattern"
msgid "MMMM d"
msgstr "d MMMM"
"""
    )
    few, many = (
        compose_subject(edition, newsletter, select(week[:count]), polish, DAY) for count in (3, 8)
    )
    assert few == "川べり通信 (20 października): 川の水位を毎朝はかる人 i 2 inne"
    assert many == "川べり通信 (20 października): 川の水位を毎朝はかる人 i 7 innych"
