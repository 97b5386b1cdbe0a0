"""What the sign-up pages say, by language; what stands beside the button is recorded as consent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from service.model.languages import primary_subtag


@dataclass(frozen=True, slots=True)
class SignupWords:
    """The words of one language. {names} in them are filled by those who use them.

    `consent` is what a reader agrees to by pressing the button.
    """

    heading: str
    lead: str
    email: str
    newsletters: str
    cadence: str
    topics: str
    topics_note: str
    more: str
    language: str
    own_language: str
    hour: str
    own_hour: str
    hour_name: str
    hour_note: str
    consent: str
    button: str
    all_choices: str
    wrong: str
    faults: Mapping[str, str]
    meant: str
    meant_note: str
    as_typed: str
    sent: str
    sent_lines: tuple[str, ...]
    sent_contact: str
    choose: str
    less: str
    less_lead: str
    less_button: str
    less_done: str
    less_done_line: str
    come_back: str
    come_back_lead: str
    returning: str


def find_signup_words(language: str) -> SignupWords:
    """The words for a language tag such as ja or en-GB; English for those we do not speak."""
    return SPOKEN.get(primary_subtag(language), _ENGLISH)


_ENGLISH = SignupWords(
    heading="{title} by mail",
    lead="Enter your address, and confirm it with one press in the mail that follows.",
    email="Your mail address",
    newsletters="Which do you want?",
    cadence="How often?",
    topics="About what?",
    topics_note="Choose nothing and you get everything.",
    more="Language and hour",
    language="Language of the mail",
    own_language="That of the newsletter",
    hour="Hour at which it comes",
    own_hour="As soon as it is out",
    hour_name="{hour}:00",
    hour_note="In the time of {timezone}.",
    consent=(
        "By pressing the button you ask {sender} to send you what you chose by mail. Nothing "
        "comes until you confirm it in a mail. You can change what you get, or leave with one "
        "press, by a link in every mail."
    ),
    button="Subscribe",
    all_choices="All choices: how often, about what",
    wrong="This has not been sent yet",
    faults=MappingProxyType(
        {
            "missing": "Please enter your mail address.",
            "address": "This is no address that mail can reach. Please look at it again.",
            "local": (
                "What stands before the @ has characters other than ASCII letters and digits. "
                "Many mail services cannot deliver to such addresses, so please enter another."
            ),
            "none": "Please choose at least one newsletter.",
            "newsletter": "There is no newsletter “{value}” here.",
            "cadence": "“{newsletter}” does not come at the pace “{value}”.",
            "topic": "“{newsletter}” has no topic “{value}”.",
            "language": "Mail is not written in the language “{value}”.",
            "hour": "“{value}” is no hour; please choose one from 0 to 23.",
            "form": "There is no form “{value}” here.",
            "stale": "This page was open for long. Please press the button once more.",
        }
    ),
    meant="Did you mean {address}?",
    meant_note="You entered {address}. Which of the two is right?",
    as_typed="No, {address} is right",
    sent="Check your mail",
    sent_lines=(
        (
            "A mail with a link is on its way. Open the link and press the button, and you are on "
            "the list."
        ),
        (
            "Nothing there after some minutes? Look among unwanted mail. When many people sign up "
            "at once, or you asked already today, it can take until tomorrow. After two days, "
            "please enter your address again."
        ),
    ),
    sent_contact="If it never comes, write to us: {contact}",
    choose="Confirm what you want to get.",
    less="Too much mail?",
    less_lead="It can also come less often:",
    less_button="{rhythm}",
    less_done="It comes less often now",
    less_done_line="From now on you get “{newsletter}” {rhythm}.",
    come_back="Come back",
    come_back_lead="Pressed by mistake, or changed your mind? We send you a mail to confirm.",
    returning="Sent again at the wish of a reader who had left: “{newsletter}”, as before.",
)

_JAPANESE = SignupWords(
    heading="{title}をメールで読む",
    lead="アドレスをご入力ください。届いたメールのボタンをひとつ押すと、登録が完了します。",
    email="メールアドレス",
    newsletters="どれを受け取りますか",
    cadence="どのくらいの頻度で",
    topics="どんな話題を",
    topics_note="ひとつも選ばなければ、すべての話題をお届けします。",
    more="言語と時刻",
    language="メールの言語",
    own_language="ニュースレターと同じ",
    hour="届く時刻",
    own_hour="発行されしだい",
    hour_name="{hour}時",
    hour_note="{timezone}の時刻です。",
    consent=(
        "ボタンを押すと、選んだメールの送付を{sender}に申し込みます。届いたメールで確認いただく"
        "まで、配信は始まりません。内容の変更と配信の停止は、すべてのメールにあるリンクから"
        "いつでもできます。"
    ),
    button="登録する",
    all_choices="頻度や話題を選んで登録する",
    wrong="まだ送信されていません",
    faults=MappingProxyType(
        {
            "missing": "メールアドレスをご入力ください。",
            "address": "メールが届かないアドレスのようです。もう一度お確かめください。",
            "local": (
                "「@」の前に、半角の英数字と記号のほかの文字があります。"
                "届かないことが多いため、別のアドレスをご入力ください。"
            ),
            "none": "ニュースレターを、少なくともひとつお選びください。",
            "newsletter": "「{value}」というニュースレターはありません。",
            "cadence": "「{newsletter}」に「{value}」という頻度はありません。",
            "topic": "「{newsletter}」に「{value}」という話題はありません。",
            "language": "「{value}」という言語のメールはありません。",
            "hour": "「{value}」は時刻ではありません。0から23のあいだでお選びください。",
            "form": "「{value}」というフォームはありません。",
            "stale": "ページを開いてから時間がたちました。もう一度ボタンを押してください。",
        }
    ),
    meant="{address} ではありませんか",
    meant_note="{address} と入力されました。正しいほうをお選びください。",
    as_typed="いいえ、{address} で合っています",
    sent="メールをご確認ください",
    sent_lines=(
        "確認のメールをお送りします。リンクを開いてボタンを押すと、登録が完了します。",
        (
            "数分たっても届かないときは、迷惑メールの中もご覧ください。申し込みが多いときや、"
            "すでに今日申し込まれたときは、翌日になることがあります。二日たっても届かなければ、"
            "もう一度お申し込みください。"
        ),
    ),
    sent_contact="それでも届かないときのご連絡先：{contact}",
    choose="受け取るものをご確認ください。",
    less="メールが多すぎますか",
    less_lead="頻度を下げることもできます。",
    less_button="{rhythm}にする",
    less_done="頻度を下げました",
    less_done_line="これからは「{newsletter}」を{rhythm}にお届けします。",
    come_back="もう一度登録する",
    come_back_lead="押しまちがえたときも、お気持ちが変わったときも、ここから確認のメールをお送りします。",
    returning="配信を停止した読者の希望による再登録：「{newsletter}」（以前と同じ内容）",
)

SPOKEN: Mapping[str, SignupWords] = MappingProxyType({"en": _ENGLISH, "ja": _JAPANESE})
"""The languages that our own pages speak."""
