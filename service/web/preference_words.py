"""What the pages of a reader's choices say, by language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from service.model.languages import primary_subtag
from service.web.words import Saying


@dataclass(frozen=True, slots=True)
class PreferenceWords:
    """The words of one language. {names} in them are filled by those who use them.

    `subscribe` stands beside what subscribes to a newsletter, and is recorded as consent.
    """

    heading: str
    lead: str
    subscribe: str
    next_at: str
    next_made: str
    next_leaving: str
    next_each: str
    next_each_after: str
    next_note: str
    cadence: str
    hour: str
    own_hour: str
    own_hour_each: str
    hour_name: str
    about: str
    everything: str
    only: str
    categories: str
    tags: str
    language: str
    for_all: str
    zone: str
    own_zone: str
    zone_name: str
    pause: str
    pause_note: str
    save: str
    saved: str
    saved_line: str
    saved_pause: str
    saved_none: str
    wrong: str
    faults: Mapping[str, str]
    suppressed: str
    paused: str
    leave: str
    leave_lead: str
    leave_button: str
    left: str
    left_line: str
    data: str
    data_lead: str
    requests: Mapping[str, str]
    mailed: str
    mailed_line: str
    erase_ask: Saying
    erase_done: Saying
    export_ask: Saying
    address_ask: Saying
    address_label: str
    address_faults: Mapping[str, str]
    address_mailed: Saying
    new_address_ask: Saying
    new_address_done: Saying
    new_address_taken: Saying
    expired: Saying
    write_moment: Callable[[datetime], str]


def find_preference_words(language: str) -> PreferenceWords:
    """The words for a language tag such as ja or en-GB; English for those we do not speak."""
    return _LANGUAGES.get(primary_subtag(language), _ENGLISH)


_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def _write_english_moment(moment: datetime) -> str:
    day = f"{_DAYS[moment.weekday()]} {moment.day} {_MONTHS[moment.month - 1]}"
    return f"{day}, {moment.hour}:{moment:%M}"


def _write_japanese_moment(moment: datetime) -> str:
    day = f"{moment.month}月{moment.day}日（{'月火水木金土日'[moment.weekday()]}）"
    return f"{day}{moment.hour}時{f'{moment.minute}分' if moment.minute else ''}"


_ENGLISH = PreferenceWords(
    heading="What you get",
    lead="How often, at what hour and about what: nothing changes until you press “Save”.",
    subscribe="Send me “{newsletter}”",
    next_at="Next mail: {when}",
    next_made="Next mail: {when}. It is made already; what you change counts from the one after.",
    next_leaving="A mail is just leaving; what you change counts from the one after.",
    next_each="Next mail: with the next story",
    next_each_after="Next mail: with the first story after {when}",
    next_note="When there is nothing new for you by then, no mail is sent.",
    cadence="How often?",
    hour="At what hour?",
    own_hour="As soon as it is out ({hour})",
    own_hour_each="As soon as it is out",
    hour_name="{hour}:00",
    about="About what?",
    everything="Everything",
    only="Only what I choose",
    categories="Categories, with their stories of last month",
    tags="Topics, with their stories of last month",
    language="Language of the mail",
    for_all="For every newsletter",
    zone="Hours are in the time of",
    own_zone="{zone}, as for {title}",
    zone_name="{place} (UTC{offset})",
    pause="No mail before",
    pause_note=(
        "Leave it empty to go on as usual. What is sent to others before that day does not come "
        "to you later."
    ),
    save="Save",
    saved="Saved",
    saved_line="{newsletter}: {next}",
    saved_pause="You pause: no mail comes before {when}.",
    saved_none="No newsletter comes to you now. With the link that led here you can come back.",
    wrong="This has not been saved yet",
    faults=MappingProxyType(
        {
            "topics": "“{newsletter}”: please choose at least one topic, or everything.",
            "day": "The day of the pause is none that we understand. Please choose it again.",
            "past": "The pause would be over already: please choose a day from tomorrow on.",
            "far": "A pause can last a year at the most. You can also leave, and come back.",
        }
    ),
    suppressed=(
        "Mail to your address came back, or was reported as unwanted, so nothing is sent to it at "
        "present. To have this changed, please write to us: {contact}"
    ),
    paused="You pause: no mail comes before {when}.",
    leave="Leave everything",
    leave_lead="One press ends all of it. With the link that led here you can come back.",
    leave_button="Leave everything",
    left="You have left",
    left_line=(
        "Nothing more is sent to you; a mail that was just leaving may still arrive. "
        "Thank you for reading."
    ),
    data="What we keep of you",
    data_lead=(
        "A mail can be passed on, so for these we send a new link to your address. It works for "
        "an hour."
    ),
    requests=MappingProxyType(
        {
            "address": "Change my address",
            "export": "Get a copy of my data",
            "erase": "Erase my data",
        }
    ),
    mailed="Check your mail",
    mailed_line=(
        "A mail with a link is on its way to your address. The link works for an hour. "
        "At most three such mails are sent in a day."
    ),
    erase_ask=Saying(
        "Erase everything we know of you?",
        (
            (
                "Your address and everything kept with it is erased, and every newsletter ends. "
                "It cannot be undone."
            ),
            (
                "What stays is a number made from your address with a secret key. It keeps others "
                "from bringing you back in; you yourself can always sign up again."
            ),
        ),
        "Erase my data",
    ),
    erase_done=Saying(
        "Your data is being erased",
        (
            (
                "Nothing more is sent to you. What we know of you is gone in a few minutes, or as "
                "soon as it is certain what became of a mail that was just leaving."
            ),
        ),
    ),
    export_ask=Saying(
        "A copy of your data",
        (
            (
                "Everything that is kept of you, as a file (JSON): what you subscribed to and "
                "chose, how you gave your consent, and which mails were sent to you."
            ),
        ),
        "Download",
    ),
    address_ask=Saying(
        "To which address shall your mail go?",
        (
            (
                "We send a link there; when you press its button, all of your newsletters go to "
                "the new address, with everything you chose."
            ),
        ),
        "Send the link",
    ),
    address_label="Your new address",
    address_faults=MappingProxyType(
        {
            "missing": "Please enter your new address.",
            "address": "This is no address that mail can reach. Please look at it again.",
        }
    ),
    address_mailed=Saying(
        "Check the mail of your new address",
        (
            (
                "A mail with a link is on its way there. The link works for an hour; until you "
                "press its button, everything stays as it is."
            ),
            "Nothing there after some minutes? Look among unwanted mail.",
        ),
    ),
    new_address_ask=Saying(
        "Shall your mail come to this address?",
        ("All of your newsletters come here from now on, and no longer to the old address.",),
        "Use this address",
    ),
    new_address_done=Saying(
        "Your mail comes to the new address now",
        ("Everything else stays as you chose it. We have told the old address of it.",),
    ),
    new_address_taken=Saying(
        "This address gets mail from us already",
        (
            (
                "It is subscribed by itself, so nothing was changed. Leave with the link in a mail "
                "to your old address, and choose what you get here with the link in a mail to "
                "this one."
            ),
        ),
    ),
    expired=Saying(
        "This link has expired",
        (
            (
                "Links to your data work for an hour. To get a new one, open “Change what you get” "
                "in any of our mails."
            ),
        ),
    ),
    write_moment=_write_english_moment,
)

_JAPANESE = PreferenceWords(
    heading="お届けの設定",
    lead="頻度、時刻、話題を選べます。「保存する」を押すまで、何も変わりません。",
    subscribe="「{newsletter}」を受け取る",
    next_at="次のメール：{when}",
    next_made="次のメール：{when}（作成済みのため、変更はその次からになります）",
    next_leaving="ただいまお送りしているメールがあります。変更はその次からになります。",
    next_each="次のメール：次の記事が出たとき",
    next_each_after="次のメール：{when}より後に、最初の記事が出たとき",
    next_note="それまでに新しい記事がなければ、メールはお送りしません。",
    cadence="どのくらいの頻度で",
    hour="何時に",
    own_hour="発行されしだい（{hour}）",
    own_hour_each="発行されしだい",
    hour_name="{hour}時",
    about="どんな話題を",
    everything="すべて",
    only="選んだものだけ",
    categories="カテゴリー（数字はこの1か月の本数）",
    tags="話題（数字はこの1か月の本数）",
    language="メールの言語",
    for_all="すべてのニュースレターに共通",
    zone="時刻の基準",
    own_zone="{zone}（{title}と同じ）",
    zone_name="{place}（UTC{offset}）",
    pause="この日まで休む",
    pause_note=(
        "空欄なら、ふだんどおりお届けします。"
        "その日より前に発行された号を、あとからまとめてお届けすることはありません。"
    ),
    save="保存する",
    saved="保存しました",
    saved_line="{newsletter}：{next}",
    saved_pause="お休み中です。{when}より前にメールは届きません。",
    saved_none=(
        "いまお届けするニュースレターはありません。このページのリンクから、いつでも再開できます。"
    ),
    wrong="まだ保存されていません",
    faults=MappingProxyType(
        {
            "topics": "「{newsletter}」の話題を、少なくともひとつお選びください。",
            "day": "お休みの日付が読み取れません。もう一度お選びください。",
            "past": "お休みの日付は、明日以降をお選びください。",
            "far": "お休みは1年以内でお選びください。配信を停止し、あとで再開することもできます。",
        }
    ),
    suppressed=(
        "メールが届かなかったか、迷惑メールとして報告されたため、現在このアドレスへの配信を"
        "止めています。再開のご相談はこちらへ：{contact}"
    ),
    paused="お休み中です。{when}より前にメールは届きません。",
    leave="すべての配信を停止する",
    leave_lead="一度押すと、すべて止まります。このページのリンクから、いつでも再開できます。",
    leave_button="すべて停止する",
    left="すべての配信を停止しました",
    left_line=(
        "今後はお届けしません。すでに送信中の号は届くことがあります。"
        "お読みいただき、ありがとうございました。"
    ),
    data="お預かりしている情報",
    data_lead=(
        "メールは転送されることがあるため、次の手続きには新しいリンクをメールでお送りします。"
        "リンクは1時間だけ有効です。"
    ),
    requests=MappingProxyType(
        {
            "address": "お届け先を変更する",
            "export": "情報の写しを受け取る",
            "erase": "情報を消去する",
        }
    ),
    mailed="メールをご確認ください",
    mailed_line=(
        "ご登録のアドレスへリンクをお送りします。リンクは1時間だけ有効です。"
        "このメールは1日に3通までお送りします。"
    ),
    erase_ask=Saying(
        "お預かりしている情報を消去しますか",
        (
            "メールアドレスとすべての情報を消去し、すべての配信を終了します。元には戻せません。",
            (
                "残るのは、アドレスから秘密の鍵で作った符号だけです。ほかの人が再び登録することを"
                "防ぐためのもので、ご自身での再登録はいつでもできます。"
            ),
        ),
        "情報を消去する",
    ),
    erase_done=Saying(
        "情報の消去を受け付けました",
        (
            (
                "今後お届けすることはありません。数分のうちに、送信中のメールがあるときは"
                "その結果がわかりしだい、すべて消去します。"
            ),
        ),
    ),
    export_ask=Saying(
        "お預かりしている情報の写し",
        (
            (
                "すべての情報をひとつのファイル（JSON）でお渡しします。ご登録と設定の内容、同意の記録、"
                "お送りしたメールの記録が入っています。"
            ),
        ),
        "ダウンロードする",
    ),
    address_ask=Saying(
        "新しいお届け先をご入力ください",
        (
            (
                "新しいアドレスへリンクをお送りします。そのボタンを押すと、設定はそのままで、"
                "すべてのニュースレターが新しいアドレスへ届くようになります。"
            ),
        ),
        "リンクを送る",
    ),
    address_label="新しいメールアドレス",
    address_faults=MappingProxyType(
        {
            "missing": "新しいメールアドレスをご入力ください。",
            "address": "メールが届かないアドレスのようです。もう一度お確かめください。",
        }
    ),
    address_mailed=Saying(
        "新しいアドレスのメールをご確認ください",
        (
            (
                "新しいアドレスへリンクをお送りします。リンクは1時間だけ有効です。"
                "ボタンを押すまで、何も変わりません。"
            ),
            "数分たっても届かないときは、迷惑メールの中もご覧ください。",
        ),
    ),
    new_address_ask=Saying(
        "このアドレスへお届けしてよろしいですか",
        ("これからは、すべてのニュースレターをこのアドレスへお届けします。",),
        "このアドレスに変更する",
    ),
    new_address_done=Saying(
        "お届け先を変更しました",
        ("ほかの設定はそのままです。これまでのアドレスにもお知らせしました。",),
    ),
    new_address_taken=Saying(
        "このアドレスには、すでにお届けしています",
        (
            (
                "別に登録されているため、何も変更していません。これまでのアドレスの配信は、そこに届いた"
                "メールのリンクから停止し、このアドレスの設定は、ここに届いたメールのリンクから"
                "お選びください。"
            ),
        ),
    ),
    expired=Saying(
        "リンクの有効期限が切れました",
        (
            (
                "このリンクは1時間だけ有効です。新しいリンクは、メールの末尾の"
                "「受け取り方を変える」からお求めください。"
            ),
        ),
    ),
    write_moment=_write_japanese_moment,
)

_LANGUAGES: Mapping[str, PreferenceWords] = MappingProxyType({"en": _ENGLISH, "ja": _JAPANESE})
