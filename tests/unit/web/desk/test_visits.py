from __future__ import annotations

import pytest
from starlette.responses import Response

from service.web.desk.visits import Cookies


@pytest.mark.parametrize("is_https", [True, False])
def test_a_cookie_is_out_of_reach_of_scripts_neighbours_and_other_sites(is_https: bool) -> None:
    cookies, answer = Cookies(is_https), Response()
    cookies.give(answer, cookies.session, "x")
    cookies.take(answer, cookies.browser)
    for header in answer.headers.getlist("set-cookie"):
        name, _, attributes = header.partition("=")
        told = {one.strip().lower() for one in attributes.split(";")}
        assert {"httponly", "path=/", "samesite=lax"} <= told
        assert not any(one.startswith("domain") for one in told)
        assert (name.startswith("__Host-"), "secure" in told) == (is_https, is_https)
