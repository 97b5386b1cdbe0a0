"""What gets installed beside somebody's site works without this checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_an_installed_package_brings_its_templates_and_migrations(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    [wheel] = tmp_path.glob("*.whl")
    installed = tmp_path / "installed"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(installed)
    site = tmp_path / "site"
    (site / "_posts").mkdir(parents=True)
    (site / "_posts" / "2026-01-05-hello.md").write_text("---\ntitle: Hello\n---\nHello.\n")
    environment = {**os.environ, "PYTHONPATH": str(installed)}

    def run(*words: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "service", *words],
            cwd=site,
            env=environment,
            check=True,
            capture_output=True,
            text=True,
        )
        return done.stdout

    run("init")
    run("migrate")
    assert "1 published" in run("build")
    where = "from service.words.places import find_templates; print(find_templates())"
    found = subprocess.run(
        [sys.executable, "-c", where],
        cwd=site,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    templates = Path(found.stdout.strip())
    assert templates.is_relative_to(installed)
    shipped = {path.relative_to(templates) for path in templates.rglob("*") if path.is_file()}
    ours = {
        path.relative_to(ROOT / "templates")
        for path in (ROOT / "templates").rglob("*")
        if path.is_file()
    }
    assert shipped == ours
