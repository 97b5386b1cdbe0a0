from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import feedparser
import jsonschema
import pytest
from lxml import etree  # type: ignore[import-untyped]

from service.feeds.paths import file_url
from service.model.feed import FeedFile, FeedKind
from tests.feeds.corpora import (
    CORPUS,
    HERE,
    NOW,
    PUBLICATION,
    SETTINGS,
    list_folders,
    make_feeds,
    summarise,
)
from tests.feeds.json_feed import JSON_FEED
from tests.feeds.rules import check_feed

ATOM = etree.RelaxNG(etree.parse(Path(__file__).with_name("atom.rng")))
JSON = jsonschema.Draft202012Validator(JSON_FEED)


def test_the_corpora_are_there() -> None:
    if not CORPUS.is_dir():
        pytest.skip("the real posts of other sites are absent (../shared/corpus)")
    assert len(list_folders()) > 20


@pytest.mark.parametrize("folder", list_folders(), ids=lambda folder: folder.name)
@pytest.mark.parametrize("form", ["full", "summary"])
def test_no_reader_can_fault_any_feed_of_real_posts(folder: Path, form: str) -> None:
    # Whole texts in every feed of every tag take a minute: KAWARABAN_ALL_FEEDS=1 wants it so.
    is_large = folder.name == "allforces" and "KAWARABAN_ALL_FEEDS" not in os.environ
    full = replace(SETTINGS, by=(FeedKind.LANGUAGE,)) if is_large else SETTINGS
    files = make_feeds(folder, full if form == "full" else summarise(SETTINGS))
    assert {file.path for file in files} > {"feed.xml", "atom.xml", "feed.json", "feeds/none.xml"}
    for file in files:
        assert find_faults(file) == [], file.path


def find_faults(file: FeedFile) -> list[object]:
    if file.content_type.startswith("application/feed+json"):
        document = json.loads(file.content)
        faults: list[object] = [error.message for error in JSON.iter_errors(document)]
        ids = [item["id"] for item in document["items"]]
        return [*faults, *(["an id comes twice"] if len(set(ids)) < len(ids) else [])]
    url = file_url(PUBLICATION.service_url, file.path)
    faults = [*check_feed(file.content, url, NOW)]
    root = etree.fromstring(file.content)
    if root.tag.startswith("{") and not ATOM.validate(root):
        faults.append(ATOM.error_log.last_error)
    return faults + read_as_readers_do(file, root)


def read_as_readers_do(file: FeedFile, root: Any) -> list[object]:  # noqa: ANN401
    """What a parser that most readers resemble finds odd, and entries it did not find."""
    read = feedparser.parse(file.content, sanitize_html=False, resolve_relative_uris=False)
    wanted = [one.text for one in root.iterfind(".//{*}entry/{*}id")] or [
        one.text for one in root.iterfind(".//item/guid")
    ]
    faults: list[object] = [read.bozo_exception] if read.bozo else []
    if [entry.id for entry in read.entries] != wanted:
        faults.append("the ids are read otherwise")
    if not all(entry.get("published_parsed") and entry.link for entry in read.entries):
        faults.append("an entry has no date or no link")
    return faults


def test_two_builds_are_equal_in_any_zone_locale_and_order() -> None:
    here = digest({"TZ": "UTC", "LC_ALL": "C", "PYTHONHASHSEED": "1"})
    there = digest({"TZ": "Pacific/Chatham", "LC_ALL": "tr_TR.UTF-8", "PYTHONHASHSEED": "2"})
    assert here == there


def digest(environment: dict[str, str]) -> str:
    command = [sys.executable, "-m", "tests.feeds.test_corpora"]
    run = subprocess.run(
        command, env={**os.environ, **environment}, cwd=HERE, capture_output=True, check=True
    )
    return run.stdout.decode()


if __name__ == "__main__":
    for file in make_feeds(HERE / "content"):
        sys.stdout.write(f"{file.path} {hashlib.sha256(file.content).hexdigest()}\n")
