"""Every mail of an edition to look at: as it looks, as text, and as it goes over the wire."""

from __future__ import annotations

import re
import threading
import time
from collections import OrderedDict
from collections.abc import Mapping
from types import MappingProxyType

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from service.delivery.preview import preview_edition
from service.delivery.previewed import Preview, VariantPreview
from service.delivery.sampling import Sample, compose_sample
from service.engine.works import Works
from service.errors import NotAllowedError, TemplateError
from service.model.edition import Edition
from service.web.desk.desk import Desk
from service.web.desk.edition_door import ROOT, EditionDoor, name_page
from service.web.desk.edition_view import show_variants
from service.web.desk.edition_words import say_failure
from service.web.desk.visits import DESK_HEADERS, visit_of

VIEWS = ("desk", "phone", "text", "headers")
SCHEMES = ("light", "dark")
FRAME = "allow-popups allow-popups-to-escape-sandbox"
_KEPT_FOR = 30.0
_MOST_KEPT = 4
_DARK = re.compile(r"\(\s*prefers-color-scheme\s*:\s*dark\s*\)", re.IGNORECASE)
_BOTH = re.compile(
    r'(<meta name="(?:supported-)?color-schemes?" content=")light dark(")', re.IGNORECASE
)
_ALWAYS, _NEVER = "(min-width: 0)", "(max-width: 0)"

FRAME_HEADERS: Mapping[str, str] = MappingProxyType(
    {
        **DESK_HEADERS,
        # What is in a mail is somebody else's: it may look like itself, and do nothing.
        "Content-Security-Policy": (
            f"sandbox {FRAME}; default-src 'none'; img-src 'self' data: https: http:; "
            "style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; "
            "frame-ancestors 'self'"
        ),
    }
)


class Previews:
    """Makes previews, and keeps the last few for a moment: a page of them shows many frames."""

    def __init__(self, works: Works) -> None:
        self._works = works
        self._lock = threading.Lock()
        self._kept: OrderedDict[int, tuple[float, Preview]] = OrderedDict()

    def look(self, edition_id: int) -> Preview:
        """The preview as it is now; raises as `preview_edition`."""
        works = self._works
        preview = preview_edition(
            works.database, works.press, edition_id, works.clock(), obstacles=works.obstacles
        )
        with self._lock:
            self._kept[edition_id] = (time.monotonic(), preview)
            self._kept.move_to_end(edition_id)
            while len(self._kept) > _MOST_KEPT:
                self._kept.popitem(last=False)
        return preview

    def recall(self, edition: Edition) -> Preview:
        """The same; it may be half a minute old, but not from before it changed or moved on."""
        with self._lock:
            made_at, preview = self._kept.get(edition.edition_id, (0.0, None))
        is_fresh = time.monotonic() - made_at < _KEPT_FOR
        if preview is not None and is_fresh and _is_same(preview.edition, edition):
            return preview
        return self.look(edition.edition_id)


class EditionPreviews:
    """The pages that show the mails of an edition."""

    def __init__(self, desk: Desk, door: EditionDoor, previews: Previews) -> None:
        self._desk = desk
        self._door = door
        self._previews = previews
        one = f"{ROOT}/{{edition_id}}/preview"
        desk.page(one, self.show)
        desk.page(f"{one}/{{number}}", self.show_frame)

    def show(
        self,
        request: Request,
        edition_id: int,
        variant: int = 1,
        view: str = "desk",
        scheme: str = "light",
    ) -> Response:
        """One mail of an edition in one of its views."""
        edition, voice = self._door.find(edition_id), visit_of(request).voice
        try:
            preview = self._previews.recall(edition)
        except TemplateError as error:
            failure = (say_failure(voice, error), voice.tell(error))
            return self._desk.render(
                request,
                "desk/edition_preview.html",
                {"edition_id": edition_id, "shown": None, "preheader": "", "failure": failure},
            )
        shown = _find(preview, variant) if preview.variants else None
        view = view if view in VIEWS else VIEWS[0]
        scheme = scheme if scheme in SCHEMES else SCHEMES[0]
        page = f"{name_page(edition_id)}/preview"
        return self._desk.render(
            request,
            "desk/edition_preview.html",
            {
                "edition_id": edition_id,
                "failure": None,
                "variants": show_variants(preview.variants),
                "shown": show_variants([shown])[0] if shown else None,
                "preheader": shown.rendered.preheader if shown else "",
                "sample": self._sample(preview, shown) if shown else None,
                "view": view,
                "scheme": scheme,
                "page": page,
                "frame": f"{page}/{variant}?scheme={scheme}",
                "sandbox": FRAME,
            },
        )

    def show_frame(
        self,
        request: Request,  # noqa: ARG002  (whoever explains a failure asks for it)
        edition_id: int,
        number: int,
        scheme: str = "light",
    ) -> Response:
        """The HTML of one mail alone, for the frame around it; its links open outside."""
        edition = self._door.find(edition_id)
        preview = self._previews.recall(edition)
        sample = self._sample(preview, _find(preview, number))
        return HTMLResponse(light_up(sample.html, scheme), headers=FRAME_HEADERS)

    def _sample(self, preview: Preview, shown: VariantPreview) -> Sample:
        works = self._door.works
        return compose_sample(preview.edition, shown.rendered, works.mailbag.head, works.clock())


def light_up(html: str, scheme: str) -> str:
    """A mail as it looks by day or in the dark, whatever the system of whoever looks is set to."""
    is_dark = scheme == "dark"
    chosen = _DARK.sub(_ALWAYS if is_dark else _NEVER, html)
    chosen = _BOTH.sub(rf"\g<1>{'dark' if is_dark else 'light'}\g<2>", chosen)
    return chosen.replace("<head>", '<head><base target="_blank">', 1)


def _is_same(one: Edition, other: Edition) -> bool:
    return (one.revision, one.state) == (other.revision, other.state)


def _find(preview: Preview, number: int) -> VariantPreview:
    try:
        return preview.find_variant(number)
    except NotAllowedError as error:
        raise HTTPException(404) from error
