"""Feeds asked for over loopback: the service and nginx with the same files, a core each in turn.

Each server has the first core alone and wrk the second, with the same requests over 16 kept
connections; the round is repeated and the better one counts.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from service.config import Config
from tests.bench.feeding.cores import pinned
from tests.bench.feeding.live import run_service
from tests.bench.figures import Figure
from tests.bench.ports import find_port, run_server

_SERVER_CORE, _LOAD_CORE = 0, 1
_CONNECTIONS = 16
_SECONDS = 3
_ROUNDS = 2
_PATH = "/feed.xml"
_PLACES = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])
_BROTLI = Path("/usr/lib/nginx/modules/ngx_http_brotli_static_module.so")
_RATE = re.compile(r"Requests/sec:\s+([\d.]+)")
_FAILED = re.compile(r"Socket errors:|Non-2xx or 3xx responses:")

_CONFIG = """\
{modules}
daemon off;
master_process off;
pid {own}/nginx.pid;
error_log {own}/error.log;
events {{ worker_connections 256; }}
http {{
    access_log off;
    sendfile on;
    tcp_nopush on;
    keepalive_requests 100000000;
    open_file_cache max=1000 inactive=60s;
    types {{ application/rss+xml xml; application/feed+json json; }}
    gzip_static on;
    {brotli}
    client_body_temp_path {own}/body;
    proxy_temp_path {own}/proxy;
    fastcgi_temp_path {own}/fastcgi;
    uwsgi_temp_path {own}/uwsgi;
    scgi_temp_path {own}/scgi;
    server {{
        listen 127.0.0.1:{port} backlog=1024;
        root "{root}";
        add_header Cache-Control "public, max-age=900";
        add_header Vary Accept-Encoding;
    }}
}}
"""


def measure_serving(config: Config) -> list[Figure]:
    """304s and whole answers a second of both servers; a sentence where one cannot be had.

    The feeds of the folder have to be made already, with a database.
    """
    needed = ("nginx", "wrk", "taskset")
    absent = [name for name in needed if shutil.which(name, path=_PLACES) is None]
    if absent or (os.cpu_count() or 1) < 2:
        what = f"needs {', '.join(absent)}" if absent else "needs two cores"
        return [Figure("feeds served, against nginx", "not measured", what)]
    with pinned(_SERVER_CORE), run_service(config) as url:
        ours = _measure(url)
    with pinned(_SERVER_CORE), _run_nginx(config) as url:
        theirs = _measure(url)
    return [
        Figure(
            what,
            f"{ours[what]:,.0f}/s",
            f"{ours[what] / theirs[what]:.2f} of nginx ({theirs[what]:,.0f}/s)",
        )
        for what in ours
    ]


def _measure(url: str) -> dict[str, float]:
    rates: dict[str, float] = {}
    for coding in ("gzip", "br"):
        accepts = {"Accept-Encoding": coding}
        request = urllib.request.Request(url + _PATH, headers=accepts)  # noqa: S310
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
            tag, size = str(answer.headers["ETag"]), len(answer.read())
            if answer.headers["Content-Encoding"] != coding:
                continue
        if coding == "gzip":
            rates["304s"] = _load(url, {**accepts, "If-None-Match": tag})
        rates[f"whole answers, {coding}, {size // 1000} KB"] = _load(url, accepts)
    return rates


def _load(url: str, headers: dict[str, str]) -> float:
    """Requests a second, of the better of a few rounds."""
    asked = [part for name, value in headers.items() for part in ("-H", f"{name}: {value}")]
    command = [
        "taskset",
        "-c",
        str(_LOAD_CORE),
        "wrk",
        "-t1",
        f"-c{_CONNECTIONS}",
        f"-d{_SECONDS}s",
    ]
    said = [
        subprocess.run([*command, *asked, url + _PATH], check=True, capture_output=True, text=True)
        for _ in range(_ROUNDS)
    ]
    if wrong := next((one.stdout for one in said if _FAILED.search(one.stdout)), ""):
        raise RuntimeError(wrong)
    return max(float(_RATE.findall(one.stdout)[0]) for one in said)


@contextmanager
def _run_nginx(config: Config) -> Iterator[str]:
    program = shutil.which("nginx", path=_PLACES) or "nginx"
    own, port = config.content.path.parent / "nginx", find_port()
    own.mkdir()
    has_brotli = _BROTLI.exists()
    text = _CONFIG.format(
        modules=f"load_module {_BROTLI};" if has_brotli else "",
        brotli="brotli_static on;" if has_brotli else "",
        own=own,
        port=port,
        root=config.service.public,
    )
    (own / "nginx.conf").write_text(text, encoding="utf-8")
    # Where nginx is started by root, its worker is somebody else, who must get in.
    own.parent.chmod(0o755)
    command = [program, "-c", str(own / "nginx.conf"), "-e", str(own / "error.log")]
    with run_server(command, f"http://127.0.0.1:{port}", _PATH, os.environ) as url:
        yield url
