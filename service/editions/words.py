"""Every word that Kawaraban itself says in a mail to readers, by language, in this one place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from service.model.languages import primary_subtag
from service.model.newsletter import Cadence


@dataclass(frozen=True, slots=True)
class NoticeWords:
    """The words of one notice; {names} are filled from the values given for it."""

    subject: str
    preheader: str
    heading: str
    before: tuple[str, ...]
    button: str
    after: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one language. {names} in them are filled by those who use them."""

    language: str
    issue: str
    subject_one: str
    subject_many: str
    subject_end: str
    subject_announcement: str
    contents_one: str
    contents_many: str
    contents_more: str
    more_one: str
    more_many: str
    rest_one: str
    rest_many: str
    more_heading: str
    other_posts: str
    read_on: str
    picture: str
    byline_join: str
    why: str
    why_by_hand: str
    cadences: Mapping[Cadence, str]
    unsubscribe: str
    unsubscribe_before: str
    sender: str
    postal_address: str
    contact: str
    notices: Mapping[str, NoticeWords]
    write_day: Callable[[date], str]
    write_date: Callable[[date], str]


def find_words(language: str) -> Words:
    """The words for a language tag such as ja or en-GB; English for those we do not speak."""
    return _LANGUAGES.get(primary_subtag(language), _ENGLISH)


_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def _write_english_day(day: date) -> str:
    return f"{_MONTHS[day.month - 1]} {day.day}"


def _write_english_date(day: date) -> str:
    return f"{_write_english_day(day)}, {day.year}"


def _write_japanese_day(day: date) -> str:
    return f"{day.month}月{day.day}日"


def _write_japanese_date(day: date) -> str:
    return f"{day.year}年{_write_japanese_day(day)}"


_ENGLISH = Words(
    language="en",
    issue="{date}",
    subject_one="{first}",
    subject_many="{first}, and {others} more",
    subject_end=" | {title}, {day}",
    subject_announcement="{title}, {day}",
    contents_one="1 story",
    contents_many="{count} stories",
    contents_more=", and {more} more on the site",
    more_one="See 1 more",
    more_many="See {count} more",
    rest_one="1 story",
    rest_many="{count} stories",
    more_heading="Also new",
    other_posts="Other stories",
    read_on="Read on",
    picture="Picture: {title}",
    byline_join=", ",
    why="You get this mail because you subscribed to {title} ({cadence}).",
    why_by_hand="You get this mail because you subscribed to {title}.",
    cadences=MappingProxyType(
        {
            Cadence.EACH: "each story as it appears",
            Cadence.DAILY: "daily",
            Cadence.WEEKLY: "weekly",
            Cadence.MONTHLY: "monthly",
        }
    ),
    unsubscribe="Unsubscribe",
    unsubscribe_before="You can leave at any time, with one press:",
    sender="Sent by",
    postal_address="Address",
    contact="Contact",
    notices=MappingProxyType(
        {
            "confirm": NoticeWords(
                subject="Please confirm your subscription to {newsletter}",
                preheader="One press, and the next issue comes to you.",
                heading="Do you want to get {newsletter}?",
                before=(
                    (
                        "Somebody, most likely you, entered this address on the sign-up page of"
                        " {publication}. Nothing is sent until you confirm it."
                    ),
                ),
                button="Confirm the subscription",
                after=(
                    (
                        "If it was not you, do nothing: without a confirmation"
                        " you will not hear from us again."
                    ),
                ),
            )
        }
    ),
    write_day=_write_english_day,
    write_date=_write_english_date,
)

_JAPANESE = Words(
    language="ja",
    issue="{date}号",
    subject_one="{first}",
    subject_many="{first} ほか{others}本",
    subject_end="｜{title} {day}号",
    subject_announcement="{title} {day}のお知らせ",
    contents_one="1本を掲載",
    contents_many="{count}本を掲載",
    contents_more="、ほかサイトに{more}本",
    more_one="ほか1本を見る",
    more_many="ほか{count}本を見る",
    rest_one="1本",
    rest_many="{count}本",
    more_heading="このほかの新着",
    other_posts="そのほか",
    read_on="続きを読む",
    picture="画像：{title}",
    byline_join="、",
    why="このメールは「{title}」（{cadence}）にご登録の方へお送りしています。",
    why_by_hand="このメールは「{title}」にご登録の方へお送りしています。",
    cadences=MappingProxyType(
        {
            Cadence.EACH: "新着のつど",
            Cadence.DAILY: "毎日",
            Cadence.WEEKLY: "毎週",
            Cadence.MONTHLY: "毎月",
        }
    ),
    unsubscribe="配信を停止する",
    unsubscribe_before="配信はいつでも停止できます：",
    sender="送信者",
    postal_address="住所",
    contact="お問い合わせ",
    notices=MappingProxyType(
        {
            "confirm": NoticeWords(
                subject="「{newsletter}」のご登録を確認してください",
                preheader="ボタンを押すと、次の号からお届けします。",
                heading="「{newsletter}」をお届けしてよろしいですか",
                before=(
                    (
                        "{publication}の登録ページで、このメールアドレスが入力されました。"
                        "ご確認いただくまで、配信は始まりません。"
                    ),
                ),
                button="登録を確認する",
                after=(
                    (
                        "お心当たりがない場合は、何もなさらないでください。"
                        "確認がなければ、このあとメールをお送りすることはありません。"
                    ),
                ),
            )
        }
    ),
    write_day=_write_japanese_day,
    write_date=_write_japanese_date,
)

_LANGUAGES: Mapping[str, Words] = MappingProxyType({"en": _ENGLISH, "ja": _JAPANESE})
