from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from service.config.providers import PROVIDERS

Blame = Callable[..., tuple[str, ...]]

MANY = """
[content]
generator = "jekyl"
future = "yes"
mass_limit = "25"
[service]
database = "postgres://u:hunter2@h/db"
[feeds]
min_items = 300
by = ["category", "categry"]
[[newsletters]]
id = "weekly"
[[newsletters]]
id = "weekly"
send_at = "25:00"
cadences = ["weekly", "dayly"]
default_cadence = "daily"
topics = "ai"
[sender]
email = "somebody"
[provider]
kind = "mailgun"
test_mode = 1
[gate]
cut_titel = "hold"
marker = "hide"
"""


def test_every_mistake_is_told_at_once(blame: Blame) -> None:
    assert blame(MANY, {"PORT": "http"}) == (
        'PORT: "http" is not a port; write a number from 1 to 65535',
        """newsletters[1].id: "weekly" is newsletters[0]'s already""",
        'gate.cut_titel: is not a rule of the gate; did you mean "cut_title"?',
        'content.generator: "jekyl" is not known here; did you mean "jekyll"?',
        'content.future: "yes" is neither true nor false; write it without quotation marks',
        'content.mass_limit: "25" is not a whole number; write one from 1 to 100000',
        "service.database: holds a password; take the line out and set DATABASE_URL instead",
        "feeds.max_items: 200 is less than min_items (300)",
        'feeds.by[1]: "categry" is not known here; did you mean "category"?',
        'newsletters[1].topics: "ai" is not a list; write it in square brackets',
        'newsletters[1].cadences[1]: "dayly" is not known here; did you mean "daily"?',
        'newsletters[1].send_at: "25:00" is not a time of day; write "08:00"',
        'sender.email: is not a mail address; write "news@example.com"',
        "provider.domain: is missing",
        "provider.test_mode: 1 is neither true nor false; write it without quotation marks",
        'gate.marker: "hide" is not known here; known: "hold", "warn", "off"',
    )


def test_a_publication_needs_a_name(blame: Blame) -> None:
    said = "is missing, and the site's own configuration does not say it; write it here"
    assert blame(publication="") == (f"publication.title: {said}",)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("[publicaton]\n", 'publicaton: is unknown; did you mean "publication"?'),
        ('[content]\npaht = "x"\n', 'content.paht: is unknown; did you mean "path"?'),
        ("[content]\nmin_days = 3\n", "content.min_days: is unknown here; it belongs in [feeds]"),
        (
            '[sender]\nphone = "1"\n',
            (
                'sender.phone: is unknown; known: "name", "email", "reply_to", "postal_address", '
                '"contact"'
            ),
        ),
        (
            '[provider]\ndomain = "mg.example.com"\n',
            'provider.domain: is unknown here; it belongs to kind = "mailgun"',
        ),
    ],
)
def test_an_unknown_key_gets_a_hint(blame: Blame, written: str, said: str) -> None:
    assert blame(written) == (said,)


def test_an_unheard_of_provider_is_refused_with_those_there_are(blame: Blame) -> None:
    known = ", ".join(f'"{kind}"' for kind in PROVIDERS)
    assert blame('[provider]\nkind = "pigeon"\n') == (
        f'provider.kind: "pigeon" is not known here; known: {known}',
    )


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ('[provider]\napi_key = "hunter2"\n', "provider.api_key"),
        ('[provider]\nkey = "hunter2"\n', "provider.key"),
        ('[service]\nsecret_key = "hunter2"\n', "service.secret_key"),
        ('[sender]\nsmtp_password = "hunter2"\n', "sender.smtp_password"),
    ],
)
def test_a_secret_in_the_file_is_refused_and_not_shown(
    blame: Blame, written: str, key: str
) -> None:
    (mistake,) = blame(written)
    assert mistake.startswith(f"{key}: a secret does not belong in this file")
    assert "hunter2" not in mistake


def test_a_secret_before_the_first_table_is_refused_too(blame: Blame) -> None:
    top = 'api_key = "hunter2"\n[publication]\ntitle = "瓦版"\nurl = "https://example.com"\n'
    (mistake,) = blame(publication=top)
    assert mistake.startswith("api_key: a secret does not belong in this file")


@pytest.mark.parametrize(
    "written",
    [
        "publication = 3",
        "content = 3",
        "sender = []",
        "provider = 3",
        "gate = 3",
        "newsletters = [3]",
    ],
)
def test_a_value_in_the_place_of_a_table_is_named(blame: Blame, written: str) -> None:
    mistakes = blame(publication=written)
    assert any(mistake.endswith("is not a table") for mistake in mistakes)


def test_thirty_topics_are_the_most(blame: Blame) -> None:
    topics = ", ".join(f'"tag{n}"' for n in range(31))
    assert blame(f'[[newsletters]]\nid = "a"\ntopics = [{topics}]\n') == (
        "newsletters[0].topics: names 31 tags; a reader may choose among 30",
    )


def test_a_default_cadence_must_be_offered(blame: Blame) -> None:
    assert blame('[[newsletters]]\nid = "a"\ndefault_cadence = "daily"\n') == (
        'newsletters[0].default_cadence: "daily" is not among the cadences; add it there',
    )


def test_what_a_mail_of_one_post_shows_is_the_summary_or_all_of_it(blame: Blame) -> None:
    assert blame('[[newsletters]]\nid = "a"\ncontent = "fulltext"\n') == (
        'newsletters[0].content: "fulltext" is not known here; did you mean "full"?',
    )


def test_a_newsletter_without_a_cadence_is_refused(blame: Blame) -> None:
    (mistake,) = blame('[[newsletters]]\nid = "a"\ncadences = []\n')
    assert mistake.startswith("newsletters[0].cadences: is empty")


def test_nothing_is_in_a_list_twice(blame: Blame) -> None:
    assert blame('[feeds]\nby = ["tag", "tag"]\n') == ('feeds.by: "tag" is in the list twice',)


@pytest.mark.parametrize("data", ["public", "public/var", "./public/x/../var", "/srv/public"])
def test_the_database_is_never_put_where_everybody_can_fetch_it(blame: Blame, data: str) -> None:
    public = "/srv" if data.startswith("/") else "public"
    (mistake,) = blame(f'[service]\ndata = "{data}"\npublic = "{public}"\n')
    assert mistake == f'service.public: "{public}" is served to everybody, and data lies in it'


def test_a_folder_of_posts_that_is_not_there_is_named(blame: Blame, tmp_path: Path) -> None:
    assert blame('[content]\npath = "posts"\n') == (
        f"content.path: there is no folder {tmp_path / 'posts'}; write where the posts are",
    )
