"""A publication that brings its own mail templates: checked beforehand, held when they fail."""

from __future__ import annotations

from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

from service.model.edition import EditionState
from service.model.editor import COMMAND
from service.sending import approve_edition
from tests.fakes.house import MONDAY, WEEKLY, House
from tests.fakes.small_site import Site
from tests.journeys.conftest import OpenHouse

MINUTE = timedelta(minutes=1)
OWN = (
    '{% extends "kawaraban/digest.html" %}\n'
    "{% block style %}.name { letter-spacing: 0.5em; }{% endblock %}\n"
)
BROKEN = f"{OWN}{{% block content %}}{{{{ mail.headline }}}}{{% endblock %}}\n"
HALF = "<p>{{ mail.subject }}</p>\n"


def write_template(folder: Path, text: str, name: str = "digest.html") -> None:
    (folder / "mail-templates").mkdir(exist_ok=True)
    (folder / "mail-templates" / name).write_text(text, encoding="utf-8")


def publish_two(open_house: OpenHouse, template: str) -> House:
    house = open_house(WEEKLY + 'templates = "mail-templates"\n')
    write_template(house.site, template)
    house.tick(MONDAY - timedelta(hours=30))
    house.add_readers("a@example.com")
    for name in ("one", "two"):
        house.write(name, MONDAY - timedelta(hours=29))
    house.tick(MONDAY - timedelta(hours=28))
    house.tick(MONDAY)
    return house


def read_html(mail: EmailMessage) -> str:
    body = mail.get_body(("html",))
    assert body is not None
    return str(body.get_content())


def test_mail_goes_out_as_the_publication_wants_it(open_house: OpenHouse) -> None:
    (mail,) = publish_two(open_house, OWN).list_mail()
    assert "letter-spacing:0.5em" in read_html(mail)
    assert "http://localhost:8000/preferences/" in read_html(mail)
    assert str(mail["List-Unsubscribe"]).strip("<>") in read_html(mail)


def test_a_template_that_fails_holds_the_edition_until_it_is_mended(
    open_house: OpenHouse,
) -> None:
    house = publish_two(open_house, BROKEN)
    (held,) = house.list_editions()
    assert held.state is EditionState.HELD
    assert held.reason.startswith("cannot be made: mail-templates/digest.html, line 3: ")
    assert "there is no 'headline' here" in held.reason
    assert house.list_mail() == []
    write_template(house.site, OWN)
    approve_edition(house.app.works.database, held.edition_id, MONDAY + MINUTE, by=COMMAND)
    house.tick(MONDAY + 2 * MINUTE)
    assert house.count_mail() == {"a@example.com": 1}


def test_check_renders_them_with_the_latest_posts(tmp_path: Path) -> None:
    site = Site(tmp_path)
    for name in ("yu", "hashi"):
        site.write_post(name, "2026-01-07", more="tags: [銭湯]\n")
    written = site.config.read_text(encoding="utf-8")
    site.config.write_text(
        written.replace('id = "weekly"\n', 'id = "weekly"\ntemplates = "mail-templates"\n'),
        encoding="utf-8",
    )
    write_template(tmp_path, OWN)
    site.fine("check")
    write_template(tmp_path, BROKEN)
    write_template(tmp_path, HALF, "single.html")
    result = site.run("check", "--rule", "mail_template")
    assert result.exit_code == 1
    said = " ".join(result.stdout.split())
    assert "newsletters[0].templates: mail-templates/digest.html, line 3: there is no" in said
    assert "mail-templates/single: the HTML lacks the link to unsubscribe" in said
