from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from service.content.gate import RULES
from service.editions.alert import MOST_LISTED, compose_alert
from service.editions.alert_commands import COMMANDS
from service.editions.condition_words import say_condition
from service.editions.render import MailRenderer
from service.editions.rule_words import name_fault, name_kind
from service.editions.thing_words import FORMS
from service.model.condition import Condition, Item, Part, Values
from service.model.edition import Rendered
from service.model.post import Finding, Level
from service.model.publication import Publication, Sender
from service.words.catalogues import find_voice

MORNING = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
EDITION: Values = {
    "edition": "1204",
    "newsletter": "週刊 川べり",
    "cadence": "weekly",
    "slot": MORNING,
    "count": 12,
    "first": "雨が、活字をやわらかくする",
}
CUT = Finding(
    "cut_title", Level.HOLD, "the title was cut inside a character (U+FFFD)", 3, "内製化の可�"
)
HELD = Item(
    "tag:kawaberi.example,2026:_posts/2026-11-20-naisei.md:cut_title",
    "held",
    {"title": "社内で進む、内製化の可�", "path": "_posts/2026-11-20-naisei.md"},
    (CUT,),
    "cut_title",
)
BROKEN = Item(
    "_posts/2026-11-19-kawara.md:yaml",
    "kept",
    {
        "place": "_posts/2026-11-19-kawara.md:4",
        "reason": "the front matter is no YAML: mapping values are not allowed here",
    },
    rule="yaml",
)
UNDATED = Item(
    "_posts/2026-11-18-yakiimo.md:date",
    "lost",
    {"place": "_posts/2026-11-18-yakiimo.md:3", "reason": "'never' is not a date"},
    rule="date",
)
PARTS = (
    Part(
        Condition.PULL,
        (
            Item(
                "https://git.example/kawaberi/site (main)",
                "pull",
                {
                    "source": "https://git.example/kawaberi/site (main)",
                    "since": MORNING,
                    "reason": "the server did not answer within 60 seconds",
                },
                blocks=True,
            ),
        ),
    ),
    Part(Condition.OVERDUE, (Item("1204", "overdue", EDITION, blocks=True),)),
    Part(Condition.APPROVAL, (Item("1205", "goes", {**EDITION, "edition": "1205"}),)),
    Part(Condition.QUARANTINED, (BROKEN, UNDATED)),
    Part(
        Condition.HELD,
        (
            HELD,
            Item(
                "mass:1",
                "mass",
                {"count": 63, "seen": MORNING, "title": "祭りの夜"},
                rule="mass",
                stands_for=63,
            ),
        ),
        older=7,
    ),
    Part(
        Condition.FILTER,
        (
            Item(
                "weekly:categories:最新動向",
                "category",
                {"newsletter": "週刊 川べり", "name": "最新動向"},
                rule="category",
            ),
        ),
    ),
)


def _expect_golden(folder: Path, name: str, rendered: Rendered) -> None:
    head = f"Subject: {rendered.subject}\nPreheader: {rendered.preheader}\n\n"
    assert rendered.html == (folder / f"{name}.html").read_text(encoding="utf-8")
    assert head + rendered.text == (folder / f"{name}.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_alert_is_the_one_we_looked_at(
    renderer: MailRenderer,
    golden: Path,
    publication: Publication,
    sender: Sender,
    language: str,
) -> None:
    rendered = renderer.render_alert(PARTS, publication, sender, language)
    _expect_golden(golden, f"alert-{language}", rendered)


def test_the_subject_names_the_gravest_and_counts_the_others(
    publication: Publication, sender: Sender
) -> None:
    assert compose_alert(PARTS, publication, sender, "en").subject == (
        "[needs you] Posts cannot be fetched, and 7 more | 川べり新聞"
    )
    assert compose_alert(PARTS[3:4], publication, sender, "ja").subject == (
        "【要対応】読み取れない記事が2本あります｜川べり新聞"
    )


def _list_many(count: int, rule: str = "yaml") -> tuple[Item, ...]:
    return tuple(
        Item(f"{n}.md", "lost", {"place": f"{n}.md", "reason": "no"}, rule=rule)
        for n in range(count)
    )


def test_a_long_list_is_cut_and_says_what_lists_it_all(
    publication: Publication, sender: Sender
) -> None:
    part = Part(Condition.QUARANTINED, _list_many(MOST_LISTED + 5))
    (shown,) = compose_alert([part], publication, sender, "en").parts
    assert len(shown.items) == MOST_LISTED
    assert shown.rest == ("And 5 more:",)
    assert shown.command == "kawaraban posts list --state quarantined"


def test_a_whole_archive_is_counted_by_rule_and_not_listed(
    publication: Publication, sender: Sender
) -> None:
    items = (*_list_many(300), *_list_many(2, "date"))
    part = Part(Condition.QUARANTINED, items, is_summary=True)
    (shown,) = compose_alert([part], publication, sender, "ja").parts
    assert shown.items == ()
    assert shown.counts == ("YAMLとして読めません：300件", "日付が読み取れません：2件")
    assert shown.command == "kawaraban posts list --state quarantined"


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("急ぎ https://evil.example/login まで", "急ぎ evil[.]example/login まで"),
        ("WWW.Evil.COM, support@evil.co.jp", "WWW[.]Evil[.]COM, support@evil[.]co[.]jp"),
        ("Node.js 20.1 と e.g. v1.2", "Node.js 20.1 と e.g. v1.2"),
        ("right\u202eeno ton\u200b\r\nBcc: x", "righteno ton Bcc: x"),
        ("@@kawaraban:unsubscribe@@", "@ @kawaraban:unsubscribe@@"),
        ("長" * 100, "長" * 59 + "…"),
    ],
)
def test_nothing_that_a_post_says_can_be_followed(
    publication: Publication, sender: Sender, title: str, shown: str
) -> None:
    item = Item("x", "held", {"title": title, "path": "x.md"})
    alert = compose_alert([Part(Condition.HELD, (item,))], publication, sender, "ja")
    assert alert.parts[0].items[0].what == shown


def test_a_quote_is_no_link_either(publication: Publication, sender: Sender) -> None:
    finding = Finding("unheard_of", Level.HOLD, "see http://a.example/", None, "http://b.example/")
    item = Item("x", "held", {"title": "x", "path": "x.md"}, (finding,))
    alert = compose_alert([Part(Condition.HELD, (item,))], publication, sender, "en")
    assert alert.parts[0].items[0].findings == ("see a[.]example/ “b[.]example/”",)


def test_markup_and_points_in_a_name_are_only_text(
    renderer: MailRenderer, publication: Publication, sender: Sender
) -> None:
    item = Item("x", "held", {"title": "<script>x</script>", "path": "a.com/<b>.md"})
    mail = renderer.render_alert([Part(Condition.HELD, (item,))], publication, sender, "en")
    assert "<script>" not in mail.html
    assert "a.<wbr>com/&lt;b&gt;.<wbr>md" in mail.html
    assert re.findall(r'href="(.*?)"', mail.html) == [f"mailto:{sender.contact}"]


def test_a_command_can_be_pasted_whatever_a_file_is_called(
    publication: Publication, sender: Sender
) -> None:
    item = Item("x", "held", {"title": "x", "path": "a b;$(touch pwned)'.md"})
    alert = compose_alert([Part(Condition.HELD, (item,))], publication, sender, "ja")
    assert alert.parts[0].items[0].commands == (
        """kawaraban posts release 'a b;$(touch pwned)'"'"'.md'""",
    )


def test_every_command_belongs_to_a_form_that_is_told() -> None:
    assert set(COMMANDS) <= set(FORMS)


@pytest.mark.parametrize("condition", Condition)
@pytest.mark.parametrize("count", [1, 2])
def test_every_condition_has_a_name_in_every_language(condition: Condition, count: int) -> None:
    english, japanese = (say_condition(find_voice(one), condition, count) for one in ("en", "ja"))
    assert english.isascii()
    assert not japanese.isascii()


def test_every_rule_of_the_gate_has_a_name_where_it_does_not_speak_the_language() -> None:
    assert [rule for rule in RULES if not name_fault(find_voice("ja"), rule)] == []
    assert [rule for rule in RULES if name_fault(find_voice("en"), rule)] == []


def test_what_is_only_counted_is_named_by_its_kind_its_fault_or_its_rule() -> None:
    english, japanese = find_voice("en"), find_voice("ja")
    assert [name_kind(english, rule) for rule in ("late", "yaml", "unheard_of")] == [
        *("first seen too late", "yaml", "unheard_of")
    ]
    assert name_kind(japanese, "late") == "見つけたときには遅すぎました"
    assert name_kind(japanese, "yaml") == "YAMLとして読めません"


def test_another_language_falls_back_to_english(publication: Publication, sender: Sender) -> None:
    alert = compose_alert(PARTS, publication, sender, "ko")
    assert alert.language == alert.footer.language == "en"
