from __future__ import annotations

from datetime import UTC, datetime

import pytest

from service.content.body.markdown import render_body
from service.content.gate import RULES, GateSettings, RuleSettings, find_findings
from service.content.gate.windows import holds
from service.model.post import Article, Finding, Level

DAY = datetime(2026, 1, 31, tzinfo=UTC)
HOLD, WARN = Level.HOLD, Level.WARN
SENTENCE = "瓦版は江戸の町で売られた一枚刷りの読み物で、火事や仇討ちを人々に伝えた{}。"


def judge(
    title: str = "題",
    summary: str = "要約である。",
    body: str = "本文である。",
    mails_full_text: bool = False,
    **rules: RuleSettings,
) -> tuple[Finding, ...]:
    rendered = render_body(body, "https://news.test/a/", "https://news.test")
    article = Article(
        "a.md", title, "https://news.test/a/", DAY, summary, rendered.html, rendered.text, "ja"
    )
    settings = GateSettings(rules, mails_full_text)
    return find_findings(article, settings, f"---\ntitle: x\n---\n{body}", 4)


def name(findings: tuple[Finding, ...]) -> list[tuple[str, Level]]:
    return [(finding.rule, finding.level) for finding in findings]


def test_a_sound_post_passes() -> None:
    assert judge() == ()


@pytest.mark.parametrize(
    ("title", "rule"),
    [
        ("AIの可\ufffd", ("cut_title", HOLD)),
        ("新しい「活字の世界", ("unfinished_title", WARN)),
        ("活字の世界、", ("unfinished_title", WARN)),
        ("活字の世界が", ("unfinished_title", WARN)),
        ("スペイン発の活字の可", ("unfinished_title", WARN)),
        ("The history of the", ("unfinished_title", WARN)),
        ("その真意はどこにあるのか？の全貌", ("glued_title", WARN)),
        ("その真意とはによる効率化", ("glued_title", WARN)),
        ("I apologize, but I cannot help", ("voice", HOLD)),
        ("大変申し訳ありませんがお答えできません", ("voice", HOLD)),
        ("As an AI language model, I cannot write this", ("voice", HOLD)),
        ("はい、承知いたしました。", ("voice", HOLD)),
        ("title: 活字", ("marker", HOLD)),
        ("活字の**世界", ("marker", HOLD)),
        ("活字 ---END---", ("marker", HOLD)),
        ("活字 {{ page.title }}", ("marker", HOLD)),
        ('{"title": "活字"}', ("marker", HOLD)),
        ("TODO: 題を決める", ("placeholder", HOLD)),
        ("無題", ("placeholder", HOLD)),
        ("Untitled", ("placeholder", HOLD)),
    ],
)
def test_a_fault_in_the_title_is_found(title: str, rule: tuple[str, Level]) -> None:
    assert name(judge(title)) == [rule]


@pytest.mark.parametrize(
    "title",
    [
        "その真意とは",
        "業務を変えるには",
        "Step 1) Begin :)",
        "ReactでTODOアプリを作る",
        "「承知しました」と言う前に",
        "Why 2**8 is 256",
        "What **kwargs means",
        "Globs like src/**/*.py",
        "I am sorry, Dave",
        "As an AI company, we hire",
        "なぜ？どうして？",
        "何をするのか、そして何のために",
        "Result<T>のはなし",
        "(אזהרת ספויילרים ****)",
        "C# and F#",
        "a",
    ],
)
def test_a_sound_title_passes(title: str) -> None:
    assert judge(title) == ()


@pytest.mark.parametrize(
    ("summary", "rule"),
    [
        ("AIの可\ufffd", ("cut_title", HOLD)),
        ("江戸の話だ。その頃の町では、", ("unfinished_summary", WARN)),
        ("江戸の話だ。その頃の町に", ("unfinished_summary", WARN)),
        ("題", ("summary_of_title", WARN)),
        ("申し訳ありませんが、お答えできません。", ("voice", HOLD)),
        ("以下に江戸についての記事を作成しました。", ("voice", HOLD)),
        ("ご依頼いただいた記事の作成を完了できません。", ("voice", HOLD)),
        ("Certainly! Here is a post about type.", ("voice", HOLD)),
        ("タイトル：江戸の話", ("marker", HOLD)),
        ("excerpt: 江戸の話", ("marker", HOLD)),
        ("江戸の話。 ## 町", ("marker", HOLD)),
        ("```江戸の話", ("marker", HOLD)),
        ("Lorem ipsum dolor sit amet.", ("placeholder", HOLD)),
        ("ここに要約を入力してください。", ("placeholder", HOLD)),
    ],
)
def test_a_fault_in_the_summary_is_found(summary: str, rule: tuple[str, Level]) -> None:
    assert name(judge(summary=summary)) == [rule]


@pytest.mark.parametrize(
    "summary",
    [
        "火事はなぜ起きたのか？その真意を探る",
        "申請が承知された経緯を語る。",
        "Sure, it is raining.",
        "Today we announce version 1.0.0",
    ],
)
def test_a_sound_summary_passes(summary: str) -> None:
    assert judge(summary=summary) == ()


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        ("I'm sorry, but I can't do that.\n\n本文。", ("voice", HOLD)),
        ("はい、承知いたしました。記事を書きます。\n\n本文。", ("voice", HOLD)),
        ("前。" * 300 + "\n\nはい、承知いたしました。\n\n後。", ("body_voice", WARN)),
        ("前。" * 300 + "\n\n【既存の記事の最後の部分】\n\n後。", ("body_voice", WARN)),
        ("町では**火事が\n\n続いた。", ("body_marker", WARN)),
        ("\\# 見出し\n\n本文。\n\n\\## 見出し\n\n本文。", ("body_marker", WARN)),
        ("町の話 ---END--- と言う。", ("body_marker", WARN)),
        ("町の話。\n\nTODO: 続きを書く。", ("body_placeholder", WARN)),
        ("町の話。\n\nここに本文を入力してください。", ("body_placeholder", WARN)),
        ("町の話。\n\n[Your text here]", ("body_placeholder", WARN)),
        ("町の話\ufffdと言う。", ("damaged_text", WARN)),
        ("町の話。\n\nそのころ町では", ("unfinished_body", WARN)),
        (
            "町の話。\n\nそのころ町では\n\n---\n\n### 関連記事\n\n- [別の話](/b/)",
            ("unfinished_body", WARN),
        ),
        ("本文。\n\n```python\nprint(1)\n\n続き。", ("open_fence", WARN)),
        ("本文。\n\n" + "## 繰り返される見出しだ\n\n本文。\n\n" * 3, ("repeated_heading", WARN)),
    ],
)
def test_a_fault_in_the_body_is_found(body: str, rule: tuple[str, Level]) -> None:
    assert name(judge(body=body)) == [rule]


@pytest.mark.parametrize(
    "body",
    [
        "本文。\n\n```\na deliberate \ufffd, **kwargs, TODO: x and ---END---\n```",
        "本文は `\ufffd` を見せる。",
        "- [I am unable to perform ?](/2026/01/01/a/)\n",
        "本文。\n\n※ 広告を含みます",
        "本文。\n\n[続きはこちら](/b/)",
        "The crew met on Monday and agreed.\n\nHappy hacking",
        "Discuss on r/rust",
        "申し訳ありませんが、移行の手順は別の頁にあります。",
        "## 変更\n\n本文。\n\n" * 4,
    ],
)
def test_a_sound_body_passes(body: str) -> None:
    assert judge(body=body) == ()


def test_code_in_the_summary_is_no_marker_unless_it_was_written_there() -> None:
    body = "型紙には `{{ name }}` と書きます。"
    assert judge(summary="型紙には {{ name }} と書きます。", body=body) == ()
    assert name(judge(summary="型紙の {{ name }} です。", body=body)) == [("marker", HOLD)]


def test_nothing_at_all_is_held() -> None:
    assert name(judge(summary="", body="![](/a.png)")) == [("empty", HOLD)]
    assert judge(summary="", body="町の話。") == ()


@pytest.mark.parametrize(
    ("repeats", "found"),
    [
        (1, []),
        (2, [("repetition", WARN)]),
        (7, [("repetition", WARN)]),
        (8, [("repetition", HOLD)]),
    ],
)
def test_repetition_warns_from_a_fifth_and_holds_when_it_is_gross(
    repeats: int, found: list[tuple[str, Level]]
) -> None:
    body = "\n\n".join(
        [*(SENTENCE.format(number) for number in range(8)), *[SENTENCE.format(0)] * repeats]
    )
    assert name(judge(body=body)) == found


def test_a_paragraph_that_says_itself_over_and_over_is_gross_too() -> None:
    assert name(judge(body=SENTENCE.format(0) * 9)) == [("repetition", HOLD)]


def test_sentences_said_again_among_new_ones_only_warn() -> None:
    told = "".join(SENTENCE.format(number) for number in range(6))
    again = "".join(SENTENCE.format(number) + SENTENCE.format(number + 6) for number in range(6))
    longer = "".join(SENTENCE.format(number) for number in range(12))
    body = f"{told}\n\n{again}\n\n{longer}"
    (finding,) = judge(body=body)
    assert (finding.rule, finding.level) == ("repetition", WARN)
    assert finding.message.startswith("60% of the long sentences stand there before, and 0%")


def test_lines_of_code_may_come_again() -> None:
    code = "```\n" + "assert the_value_of_this_line == the_value_of_that_line\n" * 9 + "```"
    assert judge(body=f"本文。\n\n{code}") == ()


def test_levels_can_be_changed_and_rules_switched_off() -> None:
    cut = "町\ufffd"
    assert name(judge(cut, cut_title=RuleSettings("warn"))) == [("cut_title", WARN)]
    assert judge(cut, cut_title=RuleSettings("off")) == ()
    body = "町では**火事が\n\n続いた。"
    assert name(judge(body=body, body_marker=RuleSettings("hold"))) == [("body_marker", HOLD)]


def test_thresholds_can_be_changed() -> None:
    body = "\n\n".join(SENTENCE.format(number % 4) for number in range(8))
    assert judge(body=body, repetition=RuleSettings(threshold=0.6)) == ()
    gross = RuleSettings(hold_from=0.5)
    assert name(judge(body=body, repetition=gross)) == [("repetition", HOLD)]


def test_a_level_alone_is_the_whole_word() -> None:
    body = "\n\n".join([SENTENCE.format(0)] * 20)
    assert name(judge(body=body)) == [("repetition", HOLD)]
    assert name(judge(body=body, repetition=RuleSettings("warn"))) == [("repetition", WARN)]


@pytest.mark.parametrize(
    ("body", "line", "quote"),
    [
        ("一。\n\n町では**火事が\n\n続いた。", 6, "町では**火事が"),
        ("一。\n\n二\ufffd三。", 6, "二\ufffd"),
        ("一。\n\n**強い** そのころ町では", 6, "強い そのころ町では"),
        ("一。\n\n```sh\nls", 6, "```sh"),
    ],
)
def test_a_finding_shows_its_place_in_the_file(body: str, line: int, quote: str) -> None:
    (finding,) = judge(body=body)
    assert (finding.line, finding.quote) == (line, quote)


def test_a_repetition_is_shown_where_the_first_sentence_comes_again() -> None:
    body = "\n".join(SENTENCE.format(number % 4) for number in range(8))
    (finding,) = judge(body=body)
    assert (finding.line, finding.quote) == (8, SENTENCE.format(0).rstrip("。"))


def test_a_fault_of_the_title_is_on_the_line_that_says_it() -> None:
    (finding,) = judge("町\ufffd")
    assert (finding.line, finding.quote) == (2, "町\ufffd")


def test_without_its_file_a_finding_has_no_line() -> None:
    article = Article("a.md", "町\ufffd", "u", DAY, "要約。", "", "本文", "ja")
    (finding,) = find_findings(article, GateSettings())
    assert finding.line is None


def test_what_is_mailed_holds_and_the_rest_warns() -> None:
    holding = {name for name, terms in RULES.items() if terms.level is HOLD}
    assert holding == {"cut_title", "voice", "marker", "placeholder", "empty", "template"}


def test_where_the_full_text_is_mailed_the_faults_of_the_body_hold_too() -> None:
    of_body = {name for name, terms in RULES.items() if terms.of_body}
    assert of_body == {
        *("body_voice", "body_marker", "body_placeholder", "damaged_text", "repetition"),
        *("unfinished_body", "open_fence", "dead_link"),
    }
    body = "町では**火事が\n\n続いた。"
    assert name(judge(body=body)) == [("body_marker", WARN)]
    assert name(judge(body=body, mails_full_text=True)) == [("body_marker", HOLD)]
    glued = "町の火事とは？の全貌と"
    assert name(judge(glued)) == name(judge(glued, mails_full_text=True))


def test_what_the_configuration_says_of_a_rule_stands_where_the_full_text_is_mailed_too() -> None:
    body = "\n\n".join(SENTENCE.format(number % 4) for number in range(8))
    assert name(judge(body=body, mails_full_text=True)) == [("repetition", HOLD)]
    for said in (RuleSettings("warn"), RuleSettings("warn", threshold=0.3, hold_from=0.9)):
        found = judge(body=body, mails_full_text=True, repetition=said)
        assert name(found) == [("repetition", WARN)]
    higher = RuleSettings(threshold=0.4)
    assert name(judge(body=body, mails_full_text=True, repetition=higher)) == [("repetition", HOLD)]
    assert judge(body=body, mails_full_text=True, repetition=RuleSettings("off")) == ()


@pytest.mark.parametrize("before", ["", "記", "長い記述の、" * 200, "記" * 2_000])
def test_a_sign_is_found_however_often_its_rare_character_comes_alone(before: str) -> None:
    assert holds(f"{before}記事の続き{'。' * 2_000}", "記事の", "記")
    assert not holds(f"{before}此の続き{'。' * 2_000}", "記事の", "記")
