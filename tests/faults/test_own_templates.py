"""Templates of a publication in the process of their own: what they may not do, and cost nobody."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from service.editions.own_templates import render_own
from service.editions.render import MailRenderer
from service.editions.view import Digest, EntryView, FooterView, SectionView
from service.errors import TemplateError
from service.model.message import PREFERENCES_MARK, UNSUBSCRIBE_MARK
from tests.fakes.hostile_templates import CANARY, ENDLESS, PAYLOADS

ROOT = Path(__file__).parents[2]
OURS = ROOT / "templates" / "email"
FOOT = FooterView(
    language="ja",
    direction="ltr",
    why="ご登録の方へ。",
    choices="いつでも：",
    preferences="受け取り方を変える",
    preferences_url=PREFERENCES_MARK,
    unsubscribe="配信を停止する",
    unsubscribe_url=UNSUBSCRIBE_MARK,
    sender_label="送信者",
    sender="川べり新聞 & 編集部",
    address_label="住所",
    address="東京都墨田区水神1丁目2番3号",
    contact_label="お問い合わせ",
    contact="henshu@kawaberi.example",
    contact_url="mailto:henshu@kawaberi.example",
)
ENTRY = EntryView("橋の話", "https://a.example/1", "朝市。", "10月18日", "", "", "", "", "")
DIGEST = Digest(
    layout="digest",
    subject="川べり通信",
    preheader="",
    language="ja",
    direction="ltr",
    newsletter="川べり通信",
    newsletter_url="https://a.example",
    issue="10月20日号",
    contents="2本を掲載",
    view="ブラウザで読む",
    view_url="",
    intro_html="",
    intro_text="",
    sections=(SectionView("まちの話", (ENTRY, replace(ENTRY, title="舟の話")), None),),
    more_heading="",
    more=(),
    read_on="続きを読む",
    footer=FOOT,
)
LAWFUL = (
    '{% extends "kawaraban/digest.html" %}{% block style %}.name { color: #00f; }{% endblock %}'
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "mail-templates"
    folder.mkdir()
    return folder


def render(folder: Path, **templates: str) -> tuple[str, str]:
    for path in folder.iterdir():
        path.unlink()
    for name, text in templates.items():
        (folder / name.replace("_", ".")).write_text(text, encoding="utf-8")
    return render_own(folder, OURS, DIGEST)


def test_a_publication_changes_one_thing_and_keeps_the_rest(folder: Path) -> None:
    (folder / "digest.html").write_text(LAWFUL, encoding="utf-8")
    mail = MailRenderer(OURS).render_edition(DIGEST, folder)
    plain = MailRenderer(OURS).render_edition(DIGEST)
    assert "color:#00f" in mail.html
    assert mail.html.count("color:#00f") == 1
    assert (mail.subject, mail.text) == (plain.subject, plain.text)


def test_a_style_of_its_own_is_enough(folder: Path) -> None:
    html, _ = render(folder, style_css='{% include "kawaraban/style.css" %} .lead { color: #0f0; }')
    assert html.count("color:#0f0") == 1
    assert "color:#211d18" in html


@pytest.mark.parametrize("asked", ENDLESS)
def test_what_takes_too_much_ends_with_its_name(folder: Path, asked: str) -> None:
    with pytest.raises(TemplateError, match=f"mail-templates.*more than .*{asked}"):
        render(folder, digest_html=ENDLESS[asked])


def test_meanwhile_other_mails_are_made(tmp_path: Path) -> None:
    folders = []
    for at, template in enumerate((*ENDLESS.values(), LAWFUL)):
        folders.append(tmp_path / str(at))
        folders[-1].mkdir()
        (folders[-1] / "digest.html").write_text(template, encoding="utf-8")
    *endless, lawful = folders

    def fail(folder: Path) -> str:
        with pytest.raises(TemplateError) as caught:
            render_own(folder, OURS, DIGEST)
        return str(caught.value)

    with ThreadPoolExecutor() as pool:
        failing = [pool.submit(fail, folder) for folder in endless]
        assert "橋の話" in render_own(lawful, OURS, DIGEST)[0]
        assert len({one.result() for one in failing}) == len(ENDLESS)


def test_in_its_process_there_is_nothing_to_find() -> None:
    """Should a template get out of the sandbox one day, there is nothing outside."""
    escaped = (
        "import os, sys; sys.path.append(sys.argv[1])\n"
        "from service.editions.pressroom import give_up_privileges\n"
        "give_up_privileges()\n"
        "for act in (lambda: open('/etc/passwd'), lambda: open('/proc/self/environ'), os.pipe,\n"
        "            lambda: __import__('socket').socket(), lambda: bytearray(1 << 30)):\n"
        "    try:\n"
        "        act()\n"
        "    except (OSError, MemoryError, ImportError) as error:\n"
        "        print(type(error).__name__)\n"
        "print(sorted(set(os.environ) - {'LC_CTYPE'}))\n"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", escaped, str(ROOT)],
        env={},
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    *refused, environment = done.stdout.split("\n")[:-1]
    assert len(refused) == 5
    assert environment == "[]"


def test_a_few_of_the_worst_fail_there_too(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CANARY", CANARY)
    for payload in PAYLOADS[20:24]:
        with pytest.raises(TemplateError) as caught:
            render(folder, digest_html=payload)
        assert CANARY not in str(caught.value)


FOOTER = '{% include "kawaraban/footer.html" %}'
AWAY = '<a href="{{ mail.footer.unsubscribe_url }}">x</a>'
SENDER = "{{ mail.footer.sender }}"
ADDRESS = "{{ mail.footer.address }}"


@pytest.mark.parametrize(
    ("template", "fault"),
    [
        (SENDER + ADDRESS, "the HTML lacks the link to unsubscribe"),
        (AWAY + ADDRESS, "the HTML does not say who sends it"),
        (AWAY + SENDER, "the HTML lacks the sender's postal address"),
        (f"<style>{SENDER}{ADDRESS}</style>{AWAY}", "does not say who sends it"),
        (FOOTER + "\n<script>1</script>", r"<script> has no place in a mail \(line \d+"),
        (FOOTER + '<a href="/relative">x</a>', "a link leads to '/relative'"),
        (FOOTER + '<a href="javascript:1">x</a>', "a link leads to 'javascript:1'"),
        (FOOTER + '<p onclick="1">x</p>', "onclick= has no place"),
        (FOOTER + '<img src="https://a.example/x.gif" width="1">', "counts readers"),
        (FOOTER + f'<img src="https://a.example/{UNSUBSCRIBE_MARK}">', "counts readers"),
        (FOOTER + "<p>@@kawaraban:message-id@@</p>", "without being a link of the reader's"),
        (FOOTER + '<iframe src="https://a.example/"></iframe>', "<iframe> has no place"),
    ],
)
def test_a_mail_that_may_not_be_sent_is_refused(folder: Path, template: str, fault: str) -> None:
    with pytest.raises(TemplateError, match=fault):
        render(folder, digest_html=template)


def test_the_text_part_must_say_it_too(folder: Path) -> None:
    with pytest.raises(TemplateError, match="the text lacks the link to unsubscribe"):
        render(folder, digest_txt="{{ mail.subject }}\n")


def test_a_folder_that_cannot_be_read_is_told(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match="there is no such folder"):
        render_own(tmp_path / "nowhere", OURS, DIGEST)
    with pytest.raises(TemplateError, match="has none of digest"):
        render(folder, letter_html="x")
    with pytest.raises(TemplateError, match="larger than 200,000 bytes"):
        render(folder, digest_html="x" * 200_001)
    (folder / "digest.html").unlink()
    (folder / "digest.html").symlink_to("/etc/passwd")
    with pytest.raises(TemplateError, match="links are not followed"):
        render_own(folder, OURS, DIGEST)
    (folder / "digest.html").unlink()
    (folder / "digest.html").write_bytes("瓦".encode("shift_jis"))
    with pytest.raises(TemplateError, match="is not UTF-8 at byte 0"):
        render_own(folder, OURS, DIGEST)
