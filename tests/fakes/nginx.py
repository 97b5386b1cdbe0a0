"""A real nginx, for the length of a test, that hands out one folder as it is told."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.fakes.waiting import wait_until

BROTLI = Path("/usr/lib/nginx/modules/ngx_http_brotli_static_module.so")
_PLACES = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])

_CONFIG = """\
{modules}
daemon off;
master_process off;
pid {own}/nginx.pid;
error_log {own}/error.log;
events {{ }}
http {{
    access_log off;
    types {{ text/html html; }}
    client_body_temp_path {own}/body;
    proxy_temp_path {own}/proxy;
    fastcgi_temp_path {own}/fastcgi;
    uwsgi_temp_path {own}/uwsgi;
    scgi_temp_path {own}/scgi;
    server {{
        listen 127.0.0.1:{port};
        root "{root}";
        {brotli}
        include "{snippet}";
    }}
}}
"""


@contextmanager
def run_nginx(own: Path, root: Path, snippet: Path) -> Iterator[str]:
    """Serve `root` by `snippet`, with everything of nginx's own in the folder `own`; its URL."""
    program = shutil.which("nginx", path=_PLACES)
    if program is None:
        pytest.skip("no nginx on this machine: install nginx to test what it is told")
    own.mkdir()
    with socket.create_server(("127.0.0.1", 0)) as found:
        port = found.getsockname()[1]
    config = own / "nginx.conf"
    config.write_text(
        _CONFIG.format(
            modules=f"load_module {BROTLI};" if BROTLI.exists() else "",
            brotli="brotli_static on;" if BROTLI.exists() else "",
            own=own,
            root=root,
            port=port,
            snippet=snippet,
        ),
        encoding="utf-8",
    )
    server = subprocess.Popen([program, "-c", str(config), "-e", str(own / "error.log")])
    try:
        _wait_for(server, port, own)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(10)


def _wait_for(server: subprocess.Popen[bytes], port: int, own: Path) -> None:
    wait_until(lambda: server.poll() is not None or _listens(port), "nginx listens")
    if server.poll() is not None:
        pytest.fail(f"nginx does not start: {(own / 'error.log').read_text(encoding='utf-8')}")


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
