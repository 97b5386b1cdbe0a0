"""How to follow a feed, in words for somebody who never did; by language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from service.model.languages import primary_subtag


@dataclass(frozen=True, slots=True)
class FollowWords:
    """The words of one language. {names} in them are filled by those who use them."""

    copy: str
    copied: str
    updated: str
    others: str
    about_custom: str
    about_everything: str
    new_to_it: str
    what_it_is: str
    steps: tuple[str, ...]
    leaving: str
    opml: str
    opml_note: str
    archive: str
    archive_note: str


def find_follow_words(language: str) -> FollowWords:
    """The words for a language tag such as ja or en-GB; English for those we do not speak."""
    return _LANGUAGES.get(primary_subtag(language), _ENGLISH)


_ENGLISH = FollowWords(
    copy="Copy",
    copied="Copied",
    updated="Last updated",
    others="More feeds",
    about_custom="A feed of chosen stories: {names}.",
    about_everything="A feed of all the stories.",
    new_to_it="New to feeds?",
    what_it_is=(
        "A feed is a list of the newest stories that a program can read. A feed reader, an app or "
        "a site that usually costs nothing, looks at it for you and shows what is new."
    ),
    steps=(
        (
            "Get a feed reader: for instance NetNewsWire (iPhone and Mac), Feeder (Android), "
            "Thunderbird (computers), or Feedly and Inoreader (in the browser)."
        ),
        "Copy one of the addresses on this page. If in doubt, take RSS.",
        "In the reader press “+” or “Add feed”, and paste the address.",
    ),
    leaving="To stop, remove it in your reader. Nothing of you is kept here.",
    opml="All feeds in one file (OPML)",
    opml_note="Most readers can import it: look for “Import” or “OPML” in their settings.",
    archive="Older stories",
    archive_note="All stories by month, in the format of the feed, for programs that read back.",
)

_JAPANESE = FollowWords(
    copy="コピー",
    copied="コピーしました",
    updated="最終更新",
    others="そのほかのフィード",
    about_custom="選んだ記事（{names}）が届くフィードです。",
    about_everything="すべての記事が届くフィードです。",
    new_to_it="フィードがはじめての方へ",
    what_it_is=(
        "フィードは、新着記事をプログラムが読める形にまとめた一覧です。「フィードリーダー」という"
        "アプリやサイト（多くは無料です）が代わりに見にいき、新しい記事を届けてくれます。"
    ),
    steps=(
        (
            "フィードリーダーを用意します。たとえば NetNewsWire（iPhone・Mac）、Feeder（Android）、"
            "Thunderbird（パソコン）、Feedly や Inoreader（ブラウザ）があります。"
        ),
        "このページのアドレスをひとつコピーします。迷ったら RSS を選んでください。",
        "リーダーで「＋」や「フィードを追加」を押し、アドレスを貼りつけます。",
    ),
    leaving="やめるときは、リーダーの中で登録を消すだけです。こちらに読者の情報は残りません。",
    opml="すべてのフィードをまとめたファイル（OPML）",
    opml_note="多くのリーダーで読み込めます。設定の「インポート」や「OPML」を探してください。",
    archive="過去の記事",
    archive_note="すべての記事を月ごとにまとめた、さかのぼって読むプログラムのためのファイルです。",
)

_LANGUAGES: Mapping[str, FollowWords] = MappingProxyType({"en": _ENGLISH, "ja": _JAPANESE})
