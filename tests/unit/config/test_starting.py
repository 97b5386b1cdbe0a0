from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from service.cli.starting import compose_config, find_start, init, plan_start
from service.cli.starting_report import list_remaining
from service.config import Config, list_send_obstacles, load_config
from service.content.sites.site import SiteFacts
from service.errors import UsageError
from service.model.newsletter import Cadence

REPOSITORY = Path(__file__).parents[3]
CORPUS = REPOSITORY.parent / "shared" / "corpus" / "allforces"

JEKYLL = """\
title: AI通信
url: https://ai-media.co.jp
timezone: Asia/Tokyo
permalink: /:year/:month/:day/:title/
future: true
"""
HUGO = """\
baseURL = "https://example.org/"
languageCode = "en-us"
title = 'Field \\ "Notes"'
timeZone = "Europe/Berlin"
[permalinks]
blog = "/blog/:year/:slug/"
"""


def _write(folder: Path, name: str, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def _start_and_load(folder: Path) -> Config:
    path = _write(folder, "kawaraban.toml", compose_config(find_start(folder)))
    return load_config(path, {})


def test_a_jekyll_site_gets_a_file_that_loads_with_what_it_says(tmp_path: Path) -> None:
    _write(tmp_path, "_config.yml", JEKYLL)
    (tmp_path / "_posts").mkdir()
    config = _start_and_load(tmp_path)
    assert config.publication.title == "AI通信"
    assert config.publication.url == "https://ai-media.co.jp"
    assert config.publication.timezone == "Asia/Tokyo"
    assert config.content.path == tmp_path / "_posts"
    assert config.content.generator == "jekyll"
    assert config.content.permalink == "/:year/:month/:day/:title/"
    assert config.content.future is True


def test_the_database_stays_out_of_what_jekyll_publishes(tmp_path: Path) -> None:
    _write(tmp_path, "_config.yml", JEKYLL)
    (tmp_path / "_posts").mkdir()
    config = _start_and_load(tmp_path)
    assert config.service.data == tmp_path / "_kawaraban"
    assert config.service.public == tmp_path / "_kawaraban" / "public"


def test_the_feeds_stay_out_of_what_hugo_builds(tmp_path: Path) -> None:
    _write(tmp_path, "hugo.toml", HUGO)
    (tmp_path / "content").mkdir()
    config = _start_and_load(tmp_path)
    assert config.service.public == tmp_path / "var" / "public"
    assert config.publication.title == 'Field \\ "Notes"'
    assert config.publication.url == "https://example.org"
    assert config.publication.language == "en-us"
    assert config.publication.timezone == "Europe/Berlin"
    assert config.content.path == tmp_path / "content"
    # Its patterns are for sections: they stay where they are and are read from there.
    assert config.content.permalink == ""


def test_it_mails_every_monday_at_eight(tmp_path: Path) -> None:
    (newsletter,) = _start_and_load(tmp_path).newsletters
    assert newsletter.cadences == (Cadence.WEEKLY,)
    assert (newsletter.weekday, newsletter.send_at.hour) == (0, 8)


@pytest.mark.parametrize("name", ["content", "posts"])
def test_a_plain_folder_has_its_posts_where_they_usually_are(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    config = _start_and_load(tmp_path)
    assert config.content.path == tmp_path / name
    assert config.content.generator == "generic"


def test_a_bare_folder_of_posts_is_its_own_content(tmp_path: Path) -> None:
    folder = tmp_path / "日記"
    _write(folder, "first.md", "---\ntitle: 一\n---\n")
    config = _start_and_load(folder)
    assert config.content.path == folder
    assert config.publication.title == "日記"


def test_it_may_be_started_inside_a_site(tmp_path: Path) -> None:
    _write(tmp_path, "_config.yml", JEKYLL)
    (tmp_path / "_posts").mkdir()
    (tmp_path / "news").mkdir()
    config = _start_and_load(tmp_path / "news")
    assert config.content.path == tmp_path / "_posts"


def test_what_was_not_found_is_left_to_the_person() -> None:
    start = plan_start(SiteFacts("generic", Path(), ()), "blog", ".")
    assert [line.partition(":")[0] for line in list_remaining(start)] == [
        "publication.title",
        "publication.url",
        "publication.language",
        "publication.timezone",
        "sender.email",
        "sender.reply_to",
        "sender.postal_address",
        "sender.contact",
        "service.url",
    ]


def test_what_a_site_says_wrongly_counts_as_not_found(tmp_path: Path) -> None:
    site = SiteFacts(
        "jekyll", tmp_path, (), title="AI\n 通信", url="/", language="ja_JP", timezone="Tokyo"
    )
    start = plan_start(site, "blog", ".")
    assert (start.title, start.language) == ("AI 通信", "ja-JP")
    assert start.missing == ("publication.url", "publication.timezone")
    load_config(_write(tmp_path, "kawaraban.toml", compose_config(start)), {})


def test_braces_quotes_and_odd_characters_survive(tmp_path: Path) -> None:
    title = '{title} "x" \\ \x7f'
    start = plan_start(SiteFacts("generic", Path(), (), title=title), "{name}", ".")
    config = load_config(_write(tmp_path, "kawaraban.toml", compose_config(start)), {})
    assert config.publication.title == "{name}"
    start = plan_start(SiteFacts("generic", Path(), (), title='{a} "x" \\ 瓦'), "n", ".")
    config = load_config(_write(tmp_path, "kawaraban.toml", compose_config(start)), {})
    assert config.publication.title == '{a} "x" \\ 瓦'


def test_the_command_says_what_it_wrote_what_is_left_and_what_is_next(tmp_path: Path) -> None:
    _write(tmp_path, "_config.yml", JEKYLL)
    (tmp_path / "_posts").mkdir()
    result = CliRunner().invoke(init, [str(tmp_path)])
    assert result.exit_code == 0
    assert "(jekyll, posts in _posts)" in result.output
    assert "sender.postal_address: " in result.output
    assert "Keep _kawaraban/ out of version control" in result.output
    assert "kawaraban check" in result.output
    config = load_config(tmp_path / "kawaraban.toml", {})
    # The name is the site's; the other four are a person's to know.
    assert len(list_send_obstacles(config)) == 4


def test_the_command_reports_to_programs(tmp_path: Path) -> None:
    result = CliRunner().invoke(init, [str(tmp_path), "--json"])
    report = json.loads(result.output)
    assert report["path"] == str(tmp_path / "kawaraban.toml")
    assert report["generator"] == "generic"
    assert report["remaining"][0].startswith("publication.title: ")


def test_nothing_is_overwritten_unless_it_is_asked_for(tmp_path: Path) -> None:
    path = _write(tmp_path, "kawaraban.toml", "# mine\n")
    result = CliRunner().invoke(init, [str(tmp_path)])
    assert isinstance(result.exception, UsageError)
    assert "--force" in str(result.exception)
    assert path.read_text(encoding="utf-8") == "# mine\n"
    assert CliRunner().invoke(init, [str(tmp_path), "--force"]).exit_code == 0
    assert "# mine" not in path.read_text(encoding="utf-8")


def test_a_site_configuration_that_cannot_be_read_stops_it(tmp_path: Path) -> None:
    _write(tmp_path, "_config.yml", "title: [")
    with pytest.raises(UsageError, match=r"_config\.yml"):
        find_start(tmp_path)


def test_a_checkout_of_the_first_customer_is_ready_to_run(tmp_path: Path) -> None:
    if not CORPUS.is_dir():
        pytest.skip("the real posts of the first customer are absent (../shared/corpus/allforces)")
    _write(tmp_path, "_config.yml", JEKYLL)
    shutil.copytree(CORPUS, tmp_path / "_posts")
    config = _start_and_load(tmp_path)
    assert len(list(config.content.path.glob("*.md"))) == 235
    assert config.publication.timezone == "Asia/Tokyo"


def test_what_it_tells_to_do_next_works_in_that_order(tmp_path: Path) -> None:
    said = CliRunner().invoke(init, [str(tmp_path)]).output
    assert said.index("kawaraban migrate") < said.index("kawaraban up")
