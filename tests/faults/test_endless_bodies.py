"""Bodies made to take for ever: each is read by a child with time and memory to spare."""

from __future__ import annotations

import subprocess
import sys

import pytest

READ = """
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, (1_500_000_000, 1_500_000_000))
from service.content.body.cleaning import Addresses, clean_source
from service.content.body.markdown import render_body
from service.errors import ContentError
source = eval(sys.argv[1])
try:
    cleaned = clean_source(source, Addresses("https://news.test"))
    body = render_body(cleaned.source, "https://news.test/a/", "https://news.test")
    cleaned.dropped.list_findings(1)
    print("read", len(body.text) >= 0)
except ContentError as error:
    print("refused", error.code)
"""
BODIES = (
    "'日本語の文章。**「強調」**です。' * 60_000",
    "'あ' * 24_000 + '\\n' + 'https://x.test/a。' * 50_000",
    "'[a](/b) ' * 50_000",
    "'> ' * 10_000 + 'a'",
    "''.join(' ' * 2 * i + '- a\\n' for i in range(1_000))",
    "'[' * 100_000",
    "'(https://x.test/' + '(' * 200_000 + ')' * 200_000",
    "'{{' * 300_000",
    "'{% a %}\\n' * 100_000",
    "'{% comment %}' * 60_000",
    "'{% highlight x %}' * 50_000",
    "'{{< a \"' * 100_000 + '>}}'",
    "'{{ a | b: \"c' * 60_000 + '}}'",
    "'{: ' * 200_000",
    "'$a ' * 200_000",
    "'\\\\\\\\(' * 150_000 + '\\\\\\\\)'",
    "'$$\\n' * 150_000",
    "'`' * 3 + 'a\\n' + '```b\\n' * 100_000",
    "'\\n'.join('`' * (i % 900 + 1) + ' {{' for i in range(2_000))",
    "'- ```\\n' * 100_000 + '{{ x }}'",
    "'> ```\\n\\n' * 80_000 + '{{ x }}'",
    "'    {{\\n\\n' * 80_000",
    "'<pre>' * 100_000 + '{{ x }}'",
    "'<A b={' * 100_000",
    "'<A b=\"' * 100_000 + '<A />'",
    "'import a\\n' * 100_000 + '{' * 100_000",
    "':::note\\n' * 100_000",
    "'@[a](' * 100_000",
    "'*[a]: b\\n' * 80_000",
    "'Term\\n: a\\n' * 50_000",
    "'<!--' * 200_000",
    "'<iframe \"' * 100_000",
    "'<img data-src=' * 60_000 + '>'",
    "'<noscript>' * 80_000",
    "'<script>' * 80_000 + 'javascript:'",
    "'<a href=\"&#106;avascript:x\">' * 20_000",
    "'a[^1]' * 30_000 + '\\n\\n[^1]: b'",
    "'|a' * 20_000 + '\\n' + '|-' * 20_000 + '\\n' + '|b' * 20_000",
    "'![a](/b c' * 80_000",
    "'&#1;' * 200_000",
)  # fmt: skip


@pytest.mark.parametrize("body", BODIES)
def test_a_body_of_a_megabyte_is_read_or_refused_whatever_is_in_it(body: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", READ, body], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr[-500:]
    assert done.stdout.startswith(("read True", "refused"))
