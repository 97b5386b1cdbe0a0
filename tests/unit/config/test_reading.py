from __future__ import annotations

from collections.abc import Callable
from datetime import time, timedelta
from pathlib import Path

import pytest

from service.config import Config, load_config
from service.config.schema import FeedsTable, NewsletterTable
from service.content.gate import RuleSettings
from service.errors import ConfigError
from service.model.feed import FeedKind, FeedSettings
from service.model.newsletter import Approval, Cadence, Newsletter
from service.model.publication import Publication, Sender

Load = Callable[..., Config]


NO_SITE = """\
[publication]
title = "瓦版"
"""


def test_two_lines_are_enough(load: Load, tmp_path: Path) -> None:
    config = load()
    assert config.publication == Publication(
        title="瓦版",
        url="https://example.com",
        service_url="http://localhost:8000",
        description="",
        language="ja",
        timezone="Asia/Tokyo",
        author="",
    )
    assert config.root == tmp_path
    assert config.content.path == tmp_path / "content"
    assert (config.content.generator, config.content.future) == ("generic", None)
    assert config.service.data == tmp_path / "var"
    assert config.service.public == tmp_path / "public"
    assert config.service.database_url == f"sqlite:///{tmp_path}/var/kawaraban.db"
    assert config.provider.kind == "outbox"
    assert config.newsletters == ()


def test_the_defaults_are_those_of_the_nouns(load: Load) -> None:
    config = load('[[newsletters]]\nid = "weekly"\n')
    assert config.feeds == FeedSettings()
    assert config.newsletters == (Newsletter("weekly", title="瓦版", language="ja"),)


def test_every_key_of_a_newsletter_arrives(load: Load) -> None:
    config = load(
        """
        [[newsletters]]
        id = "tech"
        title = "技術"
        language = "en"
        categories = ["AI"]
        tags = ["news"]
        topics = ["gpu", "llm"]
        cadences = ["each", "monthly"]
        default_cadence = "monthly"
        weekday = "friday"
        monthday = "last"
        send_at = 18:30:00
        max_posts = 5
        group_by = "none"
        approval = "notice"
        notice = "3h"
        late_after = "2d"
        overdue_after = "6h"
        settle = "0s"
        content = "full"
        subject = "{title}: {first}"
        intro = "一行目\\n二行目"
        """
    )
    assert config.newsletters == (
        Newsletter(
            newsletter_id="tech",
            title="技術",
            language="en",
            cadences=(Cadence.EACH, Cadence.MONTHLY),
            default_cadence=Cadence.MONTHLY,
            categories=("AI",),
            tags=("news",),
            topics=("gpu", "llm"),
            weekday=4,
            monthday=0,
            send_at=time(18, 30),
            max_posts=5,
            group_by="none",
            approval=Approval.NOTICE,
            notice_for=timedelta(hours=3),
            late_after=timedelta(days=2),
            overdue_after=timedelta(hours=6),
            settle_for=timedelta(0),
            mails_full_text=True,
            subject="{title}: {first}",
            intro="一行目\n二行目",
        ),
    )


def test_one_newsletter_that_mails_full_texts_is_enough_for_the_gate(load: Load) -> None:
    both = '[[newsletters]]\nid = "a"\ncontent = "full"\n[[newsletters]]\nid = "b"\n'
    assert load(both).mails_full_text
    assert not load('[[newsletters]]\nid = "b"\ncontent = "summary"\n').mails_full_text


def test_the_first_cadence_is_the_default_one(load: Load) -> None:
    config = load('[[newsletters]]\nid = "a"\ncadences = ["daily", "weekly"]\n')
    assert config.newsletters[0].default_cadence is Cadence.DAILY


def test_every_key_of_feeds_arrives(load: Load) -> None:
    config = load(
        """
        [feeds]
        content = "summary"
        min_items = 1
        min_days = 2
        max_items = 3
        max_bytes = 20_000
        by = ["tag"]
        guid = "tag"
        hubs = []
        """
    )
    assert config.feeds == FeedSettings("summary", 1, 2, 3, 20_000, by=(FeedKind.TAG,))


def test_content_sender_and_gate_arrive(load: Load, tmp_path: Path) -> None:
    (tmp_path / "posts").mkdir()
    config = load(
        """
        [content]
        path = "./posts/"
        generator = "hugo"
        permalink = "/:slug/"
        future = true
        mass_limit = 3
        [sender]
        name = "瓦版編集部"
        email = "news@example.com"
        reply_to = "desk@example.com"
        postal_address = "東京都\\n千代田区"
        contact = "https://example.com/contact"
        [gate]
        cut_title = "warn"
        repetition = { level = "hold", threshold = 0.3, hold_from = 0.9 }
        template = { threshold = 3 }
        body_voice = {}
        [gate.near_duplicate]
        threshold = 0.8
        """
    )
    content = config.content
    assert content.path == tmp_path / "posts"
    assert (content.generator, content.permalink) == ("hugo", "/:slug/")
    assert (content.future, content.mass_limit) == (True, 3)
    assert config.sender == Sender(
        name="瓦版編集部",
        email="news@example.com",
        reply_to="desk@example.com",
        postal_address="東京都\n千代田区",
        contact="https://example.com/contact",
    )
    assert config.gate == {
        "cut_title": RuleSettings("warn"),
        "repetition": RuleSettings("hold", 0.3, 0.9),
        "template": RuleSettings(threshold=3),
        "body_voice": RuleSettings(),
        "near_duplicate": RuleSettings(threshold=0.8),
    }


def test_the_address_of_the_service_is_what_links_are_made_with(load: Load) -> None:
    config = load('[service]\nurl = "https://news.example.com/"\n')
    assert config.service.url == "https://news.example.com"
    assert config.publication.service_url == "https://news.example.com"


def test_a_publication_without_a_site_of_its_own_is_read_on_our_pages(load: Load) -> None:
    config = load('[service]\nurl = "https://news.example.com"\n', publication=NO_SITE)
    assert config.publication.url == "https://news.example.com"


def test_paths_may_be_absolute(load: Load, tmp_path: Path) -> None:
    config = load('[service]\ndata = "/srv/kawaraban"\ndatabase = "sqlite:///db/k.db"\n')
    assert config.service.data == Path("/srv/kawaraban")
    assert config.service.database_url == f"sqlite:///{tmp_path}/db/k.db"


def test_what_is_written_for_a_provider_goes_to_its_adapter_with_the_defaults(load: Load) -> None:
    config = load(
        '[provider]\nkind = "mailgun"\ndomain = "mg.example.com"\n'
        'base_url = "http://127.0.0.1:9000/"\n'
    )
    assert config.provider.kind == "mailgun"
    assert config.provider.options == {
        "domain": "mg.example.com",
        "region": "us",
        "base_url": "http://127.0.0.1:9000",
        "test_mode": False,
    }


def test_nothing_in_a_configuration_can_be_changed(load: Load) -> None:
    config = load('[gate]\nmarker = "off"\n')
    with pytest.raises(TypeError):
        config.gate["marker"] = RuleSettings("hold")  # type: ignore[index]
    with pytest.raises(AttributeError):
        config.service.port = 1  # type: ignore[misc]


def test_a_mark_of_byte_order_at_the_start_is_no_mistake(tmp_path: Path) -> None:
    (tmp_path / "content").mkdir()
    path = tmp_path / "kawaraban.toml"
    text = '[publication]\ntitle = "瓦版"\nurl = "https://example.com"\n'
    path.write_text(text, encoding="utf-8-sig")
    assert load_config(path, {}).publication.title == "瓦版"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"title = ", "kawaraban.toml: is not TOML: Invalid value (at end of document)"),
        ("title = '瓦版'".encode("cp932"), "kawaraban.toml: is not UTF-8; save it as UTF-8"),
    ],
)
def test_a_file_that_is_no_toml_is_named(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "kawaraban.toml"
    path.write_bytes(content)
    with pytest.raises(ConfigError) as refused:
        load_config(path, {})
    assert refused.value.mistakes == (said,)


def test_a_missing_file_says_what_writes_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r'there is no kawaraban.toml in .*"kawaraban init"'):
        load_config(tmp_path / "kawaraban.toml", {})


def test_a_folder_in_its_place_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read: Is a directory"):
        load_config(tmp_path, {})


def test_the_schema_and_the_nouns_agree_on_their_defaults() -> None:
    assert FeedsTable().max_bytes == FeedSettings().max_bytes
    assert NewsletterTable(id="a").max_posts == Newsletter("a", "", "").max_posts
