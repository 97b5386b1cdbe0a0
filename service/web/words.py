"""Every word that Kawaraban's own pages say, by language, in this one place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType

from service.editions.words import find_words as find_mail_words
from service.model.feed import FeedKind
from service.model.languages import primary_subtag
from service.model.newsletter import Cadence, Newsletter


@dataclass(frozen=True, slots=True)
class Saying:
    """A heading with a few lines below it; {names} in them are filled by those who use them."""

    heading: str
    lines: tuple[str, ...]
    button: str = ""

    def write(self) -> str:
        """It as plain text, a line each."""
        return "".join(f"{line}\n" for line in (self.heading, *self.lines))


@dataclass(frozen=True, slots=True)
class PageWords:
    """The words of one language. {names} in them are filled by those who use them."""

    language: str
    skip: str
    visit: str
    home: str
    latest: str
    nothing_yet: str
    by_mail: str
    by_mail_lead: str
    by_feed: str
    by_feed_lead: str
    everything: str
    kinds: Mapping[FeedKind, str]
    about: Mapping[FeedKind, str]
    one_post: str
    posts: str
    how: str
    how_lead: str
    formats: Mapping[str, str]
    feed_title: str
    cadence_join: str
    footer: str
    pages: Mapping[str, Saying]
    problems: Mapping[int, Saying]
    desk: Mapping[str, str]
    write_cadence: Callable[[Cadence, Newsletter], str]

    def write_date(self, day: date) -> str:
        """A date as it is written out in this language."""
        return find_mail_words(self.language).write_date(day)

    def write_moment(self, moment: datetime) -> str:
        """A date with its time; `moment` in the zone wanted."""
        return f"{self.write_date(moment)} {moment:%H:%M}"

    def write_count(self, count: int) -> str:
        """How many posts, in words."""
        return self.one_post if count == 1 else self.posts.format(count=f"{count:,}")

    def write_rhythm(self, newsletter: Newsletter) -> str:
        """How often a newsletter comes: its usual cadence first, then what one may choose."""
        usual = newsletter.default_cadence
        cadences = [usual, *(one for one in newsletter.cadences if one is not usual)]
        rhythm = self.cadence_join.join(self.write_cadence(one, newsletter) for one in cadences)
        return rhythm[:1].upper() + rhythm[1:]

    def find_problem(self, status: int) -> Saying:
        """What to say when a request ends in this status."""
        return self.problems.get(status) or self.problems[500]


def find_words(language: str) -> PageWords:
    """The words for a language tag such as ja or en-GB; English for those we do not speak."""
    return _LANGUAGES.get(primary_subtag(language), _ENGLISH)


_ENGLISH_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_ENGLISH_ENDINGS = {1: "st", 2: "nd", 3: "rd", 21: "st", 22: "nd", 23: "rd"}


def _write_english_cadence(cadence: Cadence, newsletter: Newsletter) -> str:
    at = f"at {newsletter.send_at:%H:%M}"
    match cadence:
        case Cadence.EACH:
            return "each story as it appears"
        case Cadence.DAILY:
            return f"every day {at}"
        case Cadence.WEEKLY:
            return f"every {_ENGLISH_DAYS[newsletter.weekday]} {at}"
        case Cadence.MONTHLY:
            day = newsletter.monthday
            named = f"{day}{_ENGLISH_ENDINGS.get(day, 'th')}" if day else "last day"
            return f"on the {named} of every month {at}"


def _write_japanese_cadence(cadence: Cadence, newsletter: Newsletter) -> str:
    at = f"{newsletter.send_at.hour}時" + (
        f"{newsletter.send_at.minute}分" if newsletter.send_at.minute else ""
    )
    match cadence:
        case Cadence.EACH:
            return "新着のつど"
        case Cadence.DAILY:
            return f"毎日 {at}"
        case Cadence.WEEKLY:
            return f"毎週{'月火水木金土日'[newsletter.weekday]}曜日 {at}"
        case Cadence.MONTHLY:
            day = f"{newsletter.monthday}日" if newsletter.monthday else "末日"
            return f"毎月{day} {at}"


_ENGLISH = PageWords(
    language="en",
    skip="Skip to the content",
    visit="Visit the site",
    home="Front page",
    latest="Latest stories",
    nothing_yet="Nothing has been published yet.",
    by_mail="By mail",
    by_mail_lead="The newsletters of {title}. You can leave any of them with one press.",
    by_feed="By feed",
    by_feed_lead=(
        "Give your feed reader one of these addresses and new stories come to you by themselves. "
        "No account, no mail address. Press an address to select the whole of it."
    ),
    everything="Everything",
    kinds=MappingProxyType(
        {
            FeedKind.CATEGORY: "Categories",
            FeedKind.TAG: "Tags",
            FeedKind.AUTHOR: "Authors",
            FeedKind.LANGUAGE: "Languages",
        }
    ),
    about=MappingProxyType(
        {
            FeedKind.CATEGORY: "A feed of the stories in the category “{name}”, and of no others.",
            FeedKind.TAG: "A feed of the stories tagged “{name}”, and of no others.",
            FeedKind.AUTHOR: "A feed of the stories by {name}, and of no others.",
            FeedKind.LANGUAGE: "A feed of the stories in the language “{name}”, and of no others.",
        }
    ),
    one_post="1 story",
    posts="{count} stories",
    how="How to follow it",
    how_lead=(
        "Copy one of these addresses into your feed reader, and new stories come to you by "
        "themselves. No account, no mail address. Press an address to select the whole of it."
    ),
    formats=MappingProxyType(
        {
            "RSS": "works everywhere",
            "Atom": "for those who prefer it",
            "JSON": "for readers that take JSON Feed",
        }
    ),
    feed_title="{name} · {title}",
    cadence_join=", or ",
    footer="Feeds and newsletters by Kawaraban",
    pages=MappingProxyType(
        {
            "confirm ask": Saying(
                "Do you want to get “{newsletter}”?",
                ("Press the button and the next issue comes to you.",),
                "Confirm the subscription",
            ),
            "confirm done": Saying(
                "You are subscribed",
                (
                    "“{newsletter}” comes to you from the next issue on.",
                    "Every mail has a link with which you can leave at any time.",
                ),
            ),
            "confirm ended": Saying(
                "This subscription has ended",
                ("You left “{newsletter}”, so this link does not bring it back.",),
            ),
            "unsubscribe ask": Saying(
                "Do you want to leave “{newsletter}”?",
                ("Press the button and nothing more of it is sent to you.",),
                "Unsubscribe",
            ),
            "unsubscribe done": Saying(
                "You have left",
                (
                    "No further issue of “{newsletter}” is sent to you.",
                    "A mail that was just leaving may still arrive. Thank you for reading.",
                ),
            ),
        }
    ),
    problems=MappingProxyType(
        {
            403: Saying(
                "This form came from another site",
                ("So nothing was changed. Please use the form on our own page.",),
            ),
            404: Saying(
                "There is no such page",
                (
                    (
                        "The address may be incomplete: mail programs sometimes break long links. "
                        "Or what was here has moved."
                    ),
                    "Everything there is to read starts on the front page.",
                ),
            ),
            405: Saying("That cannot be done here", ("This address does something else.",)),
            410: Saying(
                "This feed has ended",
                (
                    "There are no posts for it any more. Should some come again, it is back here.",
                    "Everything there is to read starts on the front page.",
                ),
            ),
            413: Saying("That is too much", ("What was sent is larger than anything we take.",)),
            500: Saying(
                "Something went wrong on our side",
                ("It has been written down. Please try again in a moment.",),
            ),
            503: Saying(
                "One moment, please",
                ("The service is busy just now. Please try again in a minute.",),
            ),
        }
    ),
    desk=MappingProxyType(
        {
            "desk": "Desk",
            "outbox": "Outbox",
            "outbox lead": (
                "Nothing left this machine: with the provider “outbox” every mail becomes a file. "
                "These are the newest {limit}, as they would have been sent."
            ),
            "empty": "No mail has been written yet.",
            "subject": "Subject",
            "to": "To",
            "written": "Written",
            "size": "Size",
            "no subject": "(no subject)",
            "desk width": "Desk width",
            "phone width": "Phone width",
            "text": "Text part",
            "source": "Source",
            "frame": "The mail as it looks",
            "views": "Views of this mail",
            "headers": "Headers",
            "no part": "This mail has no such part.",
        }
    ),
    write_cadence=_write_english_cadence,
)

_JAPANESE = PageWords(
    language="ja",
    skip="本文へ",
    visit="サイトを見る",
    home="トップページ",
    latest="新着記事",
    nothing_yet="まだ記事がありません。",
    by_mail="メールで読む",
    by_mail_lead="{title}のニュースレターです。配信はボタンひとつでいつでも止められます。",
    by_feed="フィードで読む",
    by_feed_lead=(
        "アドレスをひとつ選んでフィードリーダーに登録すると、新しい記事がひとりでに届きます。"
        "会員登録もメールアドレスもいりません。アドレスを押すと全体が選択されます。"
    ),
    everything="すべての記事",
    kinds=MappingProxyType(
        {
            FeedKind.CATEGORY: "カテゴリー",
            FeedKind.TAG: "タグ",
            FeedKind.AUTHOR: "書き手",
            FeedKind.LANGUAGE: "言語",
        }
    ),
    about=MappingProxyType(
        {
            FeedKind.CATEGORY: "カテゴリー「{name}」の記事だけが届くフィードです。",
            FeedKind.TAG: "タグ「{name}」のついた記事だけが届くフィードです。",
            FeedKind.AUTHOR: "{name}の記事だけが届くフィードです。",
            FeedKind.LANGUAGE: "言語「{name}」の記事だけが届くフィードです。",
        }
    ),
    one_post="1本",
    posts="{count}本",
    how="購読のしかた",
    how_lead=(
        "アドレスをひとつコピーしてフィードリーダーに登録すると、新しい記事がひとりでに届きます。"
        "会員登録もメールアドレスもいりません。アドレスを押すと全体が選択されます。"
    ),
    formats=MappingProxyType(
        {
            "RSS": "たいていのリーダーで使えます",
            "Atom": "お好みに応じて",
            "JSON": "JSON Feed に対応したリーダーへ",
        }
    ),
    feed_title="{name}｜{title}",
    cadence_join="、または",
    footer="フィードとニュースレター：Kawaraban",
    pages=MappingProxyType(
        {
            "confirm ask": Saying(
                "「{newsletter}」をお届けしてよろしいですか",
                ("ボタンを押すと、次の号からお届けします。",),
                "登録を確認する",
            ),
            "confirm done": Saying(
                "登録が完了しました",
                (
                    "「{newsletter}」を次の号からお届けします。",
                    "配信は、メールの末尾のリンクからいつでも停止できます。",
                ),
            ),
            "confirm ended": Saying(
                "この登録は終了しています",
                ("「{newsletter}」の配信は停止済みのため、このリンクでは再開できません。",),
            ),
            "unsubscribe ask": Saying(
                "「{newsletter}」の配信を停止しますか",
                ("ボタンを押すと、次の号からお届けしません。",),
                "配信を停止する",
            ),
            "unsubscribe done": Saying(
                "配信を停止しました",
                (
                    "「{newsletter}」は、今後お届けしません。",
                    "すでに送信中の号は届くことがあります。お読みいただき、ありがとうございました。",
                ),
            ),
        }
    ),
    problems=MappingProxyType(
        {
            403: Saying(
                "ほかのサイトから送られたフォームです",
                ("何も変更していません。このサイトのページからお試しください。",),
            ),
            404: Saying(
                "ページが見つかりません",
                (
                    (
                        "アドレスが途中で切れているか、ページが移ったようです。"
                        "メールのリンクは、改行で切れることがあります。"
                    ),
                    "読めるものは、すべてトップページからたどれます。",
                ),
            ),
            405: Saying("その操作はできません", ("このアドレスでは受け付けていない操作です。",)),
            410: Saying(
                "このフィードは終了しました",
                (
                    "配信する記事がなくなりました。新しい記事が出れば、ここで再開します。",
                    "読めるものは、すべてトップページからたどれます。",
                ),
            ),
            413: Saying("大きすぎます", ("受け取れる大きさを超えています。",)),
            500: Saying(
                "こちらで問題が起きました",
                ("記録しましたので、しばらくしてからもう一度お試しください。",),
            ),
            503: Saying(
                "少々お待ちください",
                ("ただいま混み合っています。一分ほどしてからもう一度お試しください。",),
            ),
        }
    ),
    desk=MappingProxyType(
        {
            "desk": "編集机",
            "outbox": "送信トレイ",
            "outbox lead": (
                "ここから外へは一通も出ていません。配信方法「outbox」では、メールはすべてファイルに"
                "なります。新しいものから{limit}通を、送られるはずの姿で表示しています。"
            ),
            "empty": "まだメールはありません。",
            "subject": "件名",
            "to": "宛先",
            "written": "作成",
            "size": "大きさ",
            "no subject": "（件名なし）",
            "desk width": "パソコン幅",
            "phone width": "スマホ幅",
            "text": "テキスト",
            "source": "ソース",
            "frame": "メールの見た目",
            "views": "表示の切り替え",
            "headers": "ヘッダー",
            "no part": "このメールにその部分はありません。",
        }
    ),
    write_cadence=_write_japanese_cadence,
)

_LANGUAGES: Mapping[str, PageWords] = MappingProxyType({"en": _ENGLISH, "ja": _JAPANESE})
