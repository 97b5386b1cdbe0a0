"""Forms of our own pages, told from those that another site sends in a reader's name."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.exceptions import HTTPException
from starlette.requests import Request


def refuse_other_sites(request: Request, service_url: str) -> None:
    """Raise HTTPException 403 for a form that a browser says comes from another site.

    The signed link is the proof; this only keeps a page that got hold of one from pressing its
    buttons. A browser that says nothing is believed.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        if site not in {"same-origin", "none"}:
            raise HTTPException(403)
        return
    # Our pages send no referrer, and so browsers call their origin null.
    origin = request.headers.get("origin", "null")
    own = {urlsplit(service_url).netloc, request.headers.get("host", "")}
    if origin != "null" and urlsplit(origin).netloc not in own:
        raise HTTPException(403)
