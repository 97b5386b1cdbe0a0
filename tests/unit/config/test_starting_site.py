"""What `init` writes into a site besides kawaraban.toml."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result

from service.cli.starting import init
from service.config import load_config

CONFIG = {
    "jekyll": ("_config.yml", 'title: "瓦 {{ x }} <b>"\nurl: https://site.example\nlang: ja\n'),
    "hugo": ("hugo.toml", 'baseURL = "https://site.example/"\ntitle = "瓦"\nlanguageCode = "en"\n'),
    "generic": ("README.md", "# posts\n"),
}
INCLUDES = {"jekyll": "_includes/kawaraban.html", "hugo": "layouts/partials/kawaraban.html"}
WORKFLOW = ".github/workflows/kawaraban.yml"


def lay_out(folder: Path, generator: str) -> Path:
    name, text = CONFIG[generator]
    (folder / name).write_text(text, encoding="utf-8")
    (folder / "content").mkdir()
    return folder


def run(folder: Path, *words: str) -> Result:
    return CliRunner().invoke(init, [str(folder), *words])


@pytest.mark.parametrize(
    ("generator", "builds", "public"),
    [
        ("jekyll", "bundle exec jekyll build", "_site"),
        ("hugo", "hugo", "public"),
        ("generic", None, "public"),
    ],
)
def test_a_workflow_builds_the_site_then_its_feeds_and_uploads_that_folder(
    tmp_path: Path, generator: str, builds: str | None, public: str
) -> None:
    folder = lay_out(tmp_path, generator)
    assert run(folder, "--workflow").exit_code == 0
    workflow = yaml.safe_load((folder / WORKFLOW).read_text(encoding="utf-8"))
    steps = workflow["jobs"]["publish"]["steps"]
    commands = [step["run"] for step in steps if "run" in step]
    assert commands[-1] == "kawaraban build --without-database"
    assert commands[:-2] == ([builds] if builds else [])
    [upload] = [step for step in steps if "upload-pages" in step.get("uses", "")]
    assert upload["with"]["path"] == public
    config = load_config(folder / "kawaraban.toml", {})
    assert config.service.public == folder / public
    assert config.service.url == config.publication.url


@pytest.mark.parametrize("generator", ["jekyll", "hugo"])
def test_an_include_leads_to_the_feeds_and_signs_up_with_plain_fields(
    tmp_path: Path, generator: str
) -> None:
    folder = lay_out(tmp_path, generator)
    assert run(folder, "--include").exit_code == 0
    text = (folder / INCLUDES[generator]).read_text(encoding="utf-8")
    assert '= "https://site.example"' in text
    for name in ("email", "newsletter", "page", "return_to"):
        assert f'name="{name}"' in text
    assert "[[" not in text
    assert "[%" not in text
    assert ("登録する" if generator == "jekyll" else "Subscribe") in text


@pytest.mark.parametrize("generator", ["jekyll", "hugo"])
def test_the_words_of_the_include_are_those_that_are_recorded(
    tmp_path: Path, generator: str
) -> None:
    folder = lay_out(tmp_path, generator)
    run(folder)
    run(folder, "--include")
    text = (folder / INCLUDES[generator]).read_text(encoding="utf-8")
    [(name, words)] = load_config(folder / "kawaraban.toml", {}).service.signup.forms.items()
    assert f'name="form" value="{name}"' in text
    assert f"<p>{words}</p>" in text


@pytest.mark.parametrize("forms", ["", 'forms = { footer = "Else." }', "forms = 1"])
def test_words_that_nothing_would_record_are_not_claimed_to_be(tmp_path: Path, forms: str) -> None:
    folder = lay_out(tmp_path, "jekyll")
    (folder / "kawaraban.toml").write_text(f"[service]\n{forms}\n", encoding="utf-8")
    assert run(folder, "--include").exit_code == 0
    assert 'name="form"' not in (folder / INCLUDES["jekyll"]).read_text(encoding="utf-8")


def test_a_title_means_nothing_to_the_generator_that_reads_the_include(tmp_path: Path) -> None:
    run(lay_out(tmp_path, "jekyll"), "--include")
    text = (tmp_path / INCLUDES["jekyll"]).read_text(encoding="utf-8")
    assert 'title="瓦 &#123;&#123; x }} &lt;b&gt; (RSS)"' in text


def test_settings_that_are_there_stay_and_are_what_the_files_say(tmp_path: Path) -> None:
    folder = lay_out(tmp_path, "hugo")
    settings = (
        '[publication]\ntitle = "別"\n[service]\nurl = "https://news.example/x/"\n'
        'public = "elsewhere"\n[[newsletters]]\nid = "monthly"\n'
    )
    path = folder / "kawaraban.toml"
    path.write_text(settings, encoding="utf-8")
    result = run(folder, "--include", "--workflow")
    assert result.exit_code == 0
    assert path.read_text(encoding="utf-8") == settings
    assert 'service.public: is "elsewhere"' in result.stdout
    text = (folder / INCLUDES["hugo"]).read_text(encoding="utf-8")
    for told in ('"https://news.example/x"', "別 (RSS)", 'default "monthly"'):
        assert told in text


@pytest.mark.parametrize("kept", [WORKFLOW, INCLUDES["jekyll"]])
def test_nothing_of_a_site_is_overwritten_and_then_nothing_is_written(
    tmp_path: Path, kept: str
) -> None:
    folder = lay_out(tmp_path, "jekyll")
    (folder / kept).parent.mkdir(parents=True)
    (folder / kept).write_text("theirs", encoding="utf-8")
    result = run(folder, "--workflow", "--include", "--force")
    assert result.exit_code != 0
    assert "is there already" in str(result.exception)
    assert (folder / kept).read_text(encoding="utf-8") == "theirs"
    assert not (folder / "kawaraban.toml").exists()


def test_a_plain_folder_has_no_includes(tmp_path: Path) -> None:
    result = run(lay_out(tmp_path, "generic"), "--include")
    assert "neither a Jekyll nor a Hugo site" in str(result.exception)
