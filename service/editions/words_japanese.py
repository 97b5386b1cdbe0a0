"""Every word that Kawaraban says in a mail to readers, in Japanese."""

from __future__ import annotations

from datetime import date
from types import MappingProxyType

from service.editions.word_forms import NoticeWords, Words
from service.model.newsletter import Cadence

_DAYS = "月火水木金土日"
_LIVES_AN_HOUR = (
    "リンクは1時間だけ有効です。"
    "お心当たりがない場合は、何もなさらないでください。何も変わりません。"
)


def _write_day(day: date) -> str:
    return f"{day.month}月{day.day}日"


def _write_date(day: date) -> str:
    return f"{day.year}年{_write_day(day)}"


def _write_issue(day: date) -> str:
    return f"{_write_date(day)}（{_DAYS[day.weekday()]}）号"


JAPANESE = Words(
    language="ja",
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
    view="ブラウザで読む",
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
    choices="受け取り方の変更も、配信の停止も、いつでもできます：",
    preferences="受け取り方を変える",
    unsubscribe="配信を停止する",
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
            ),
            "subscribed": NoticeWords(
                subject="「{newsletter}」には登録済みです",
                preheader="何も変わっていません。受け取り方はここから変えられます。",
                heading="「{newsletter}」には登録済みです",
                before=(
                    (
                        "{publication}の登録ページで、このアドレスが入力されました。"
                        "すでにご登録いただいているため、何も変わっていません。"
                    ),
                ),
                button="受け取り方を選ぶ",
                after=("お心当たりがなければ、何もしなくてかまいません。",),
            ),
            "welcome": NoticeWords(
                subject="「{newsletter}」へようこそ",
                preheader="届く頻度や話題は、いつでも変えられます。",
                heading="「{newsletter}」へようこそ",
                before=(
                    "ご登録を確認しました。これから、このアドレスへお届けします。",
                    "どのくらいの頻度で、何時に、どんな話題を。お好みに合わせて選べます。",
                ),
                button="受け取り方を選ぶ",
                after=(),
                why="このメールは、「{newsletter}」にご登録いただいた方へお送りしています。",
                stories="最新号から",
            ),
            "address-change": NoticeWords(
                subject="{publication}からのメールのお届け先を変更します",
                preheader="リンクは1時間だけ有効です。",
                heading="お届け先を変更しますか",
                before=("{publication}のページで、お届け先の変更が申し込まれました。",),
                button="新しいアドレスを入力する",
                after=(_LIVES_AN_HOUR,),
            ),
            "address-confirm": NoticeWords(
                subject="{publication}の新しいお届け先を確認してください",
                preheader="ボタンを押すと、このアドレスへお届けします。",
                heading="このアドレスへお届けしてよろしいですか",
                before=(
                    (
                        "{publication}の読者の方が、新しいお届け先としてこのアドレスを入力しました。"
                        "ご確認いただいてから、お届け先を切り替えます。"
                    ),
                ),
                button="このアドレスに変更する",
                after=(_LIVES_AN_HOUR,),
            ),
            "address-changed": NoticeWords(
                subject="{publication}からのメールのお届け先が変わりました",
                preheader="今後、このアドレスへはお届けしません。",
                heading="お届け先が変わりました",
                before=(
                    (
                        "このアドレスへお送りしたリンクから変更が申し込まれ、"
                        "新しいアドレスで確認されました。今後、このアドレスへはお届けしません。"
                    ),
                ),
                button="トップページを開く",
                after=("お心当たりがない場合は、こちらへご連絡ください：{contact}",),
            ),
            "export-ready": NoticeWords(
                subject="{publication}がお預かりしている情報",
                preheader="写しをご用意しました。リンクは1時間だけ有効です。",
                heading="お預かりしている情報の写しをご用意しました",
                before=(
                    (
                        "{publication}がお預かりしているすべての情報の写しです。"
                        "ご登録の内容、お選びいただいた受け取り方、同意の記録が入っています。"
                    ),
                ),
                button="写しを受け取る",
                after=(_LIVES_AN_HOUR,),
            ),
            "erase-confirm": NoticeWords(
                subject="{publication}がお預かりしている情報を消去します",
                preheader="ご確認いただくまで、消去は行いません。リンクは1時間だけ有効です。",
                heading="お預かりしている情報を消去しますか",
                before=(
                    (
                        "{publication}に、メールアドレスとすべての情報の消去が申し込まれました。"
                        "消去すると配信もすべて終わり、元には戻せません。"
                    ),
                ),
                button="情報を消去する",
                after=(_LIVES_AN_HOUR,),
            ),
        }
    ),
    write_day=_write_day,
    write_date=_write_date,
    write_issue=_write_issue,
)
