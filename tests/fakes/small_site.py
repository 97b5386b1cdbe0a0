"""A small publication in a folder of its own, and the command run beside it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from service.cli import main

CONFIG = """
[publication]
title = "すずり坂新聞"
url = "https://suzuri.example"
language = "ja"
timezone = "Asia/Tokyo"

[content]
path = "posts"
generator = "generic"

[[newsletters]]
id = "weekly"
title = "週のまとめ"
cadences = ["weekly"]
weekday = "mon"
send_at = "08:00"
topics = ["銭湯"]

[sender]
name = "編集部"
email = "news@suzuri.example"
reply_to = "news@suzuri.example"
postal_address = "東京都"
contact = "https://suzuri.example/contact"
"""

READERS = "email,name\nhana@example.jp,はな\nken@example.jp,けん\nmio@example.jp,みお\n"

MONDAY = "2026-01-12T08:00:00+09:00"


class Site:
    """A small publication in a folder of its own, and the command run beside it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.posts = folder / "posts"
        self.posts.mkdir(exist_ok=True)
        self.config = folder / "kawaraban.toml"
        self.config.write_text(CONFIG, encoding="utf-8")

    def write_post(self, name: str, date: str, body: str = "本文です。", more: str = "") -> str:
        text = f"---\ntitle: {name}の話\ndate: {date} 09:00:00 +0900\n{more}---\n{body}\n"
        (self.posts / f"{name}.md").write_text(text, encoding="utf-8")
        return f"{name}.md"

    def run(self, *words: str, typed: str | None = None) -> Result:
        environment = {"DATABASE_URL": None, "PORT": None, "KAWARABAN_SECRET_KEY": None}
        arguments = ["--config", str(self.config), *words]
        return CliRunner(env=environment).invoke(main, arguments, input=typed)

    def fine(self, *words: str) -> str:
        result = self.run(*words)
        assert result.exit_code == 0, (result.output, result.exception)
        return result.stdout

    def ask(self, *words: str) -> Any:  # noqa: ANN401
        return json.loads(self.run(*words, "--json").stdout)
