from __future__ import annotations

import json
import os
import signal
import socket
import sys
from collections.abc import Iterator
from subprocess import PIPE, Popen
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from tests.fakes.forks import ROOT, Fork, start_program
from tests.fakes.machines import find_port
from tests.fakes.small_site import Site


def _start(site: Site, port: int, *words: str) -> Fork:
    words = ("--config", str(site.config), *words)
    return start_program(*words, env={**os.environ, "PORT": str(port)}, stdout=PIPE, stderr=PIPE)


@pytest.fixture
def port(week: Site) -> Iterator[int]:
    """Where an `up` over the week's site answers; ended, and seen to end well, afterwards."""
    number = find_port()
    process = _start(week, number, "up")
    assert process.stdout is not None
    while (line := process.stdout.readline()) and "Ctrl-C" not in line:
        pass
    try:
        yield number
    finally:
        process.send_signal(signal.SIGTERM)
        _, logs = process.communicate(timeout=30)
    assert process.poll() == 0, logs
    assert "example.jp" not in logs


def test_a_second_up_refuses_and_names_the_first(week: Site, port: int) -> None:
    second = _start(week, find_port(), "up")
    _, said = second.communicate(timeout=30)
    assert second.poll() == 1
    assert "a clock is running already (process " in said
    refused = week.run("build")
    assert refused.exit_code == 1
    assert "a clock is running already" in refused.stderr


def test_up_serves_feeds_and_delivers_what_another_process_sends(week: Site, port: int) -> None:
    with urlopen(f"http://127.0.0.1:{port}/feed.xml") as answer:
        assert "yuの話" in answer.read().decode()
    report = json.loads(week.fine("send", "weekly", "--post", "yu.md", "--yes", "--json"))
    assert report["state"] == "finished"
    assert report["accounting"]["accepted"] == 3


def test_a_taken_port_is_told_in_a_sentence(week: Site) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        process = _start(week, taken.getsockname()[1], "up")
        _, said = process.communicate(timeout=30)
    assert process.poll() == 1
    assert "choose another port" in said


def test_up_refuses_an_old_schema(site: Site) -> None:
    result = site.run("up")
    assert result.exit_code == 1
    assert "run: kawaraban migrate" in result.stderr


def test_nothing_answers_any_more_once_up_has_ended(week: Site) -> None:
    number = find_port()
    command = [sys.executable, "-m", "service", "--config", str(week.config), "up", "--json"]
    environment = {**os.environ, "PORT": str(number)}
    process = Popen(command, cwd=ROOT, env=environment, stdout=PIPE, stderr=PIPE, text=True)
    assert process.stdout is not None
    document = ""
    while (line := process.stdout.readline()) and line != "}\n":
        document += line
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    assert json.loads(document + "}")["port"] == number
    assert process.returncode == 0
    with pytest.raises(URLError):
        urlopen(f"http://127.0.0.1:{number}/")
