"""What the doors stand on: plain things, handed over by whoever joins the house."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from service.membership import Register
from service.model.source import GitSource
from service.providers.events import Hook
from service.publishing import FeedPress
from service.store.database import Database
from service.web.desk.parts import DeskParts
from service.web.shelf import Shelf


@dataclass(frozen=True, slots=True)
class WebParts:
    """Everything the web side needs; `templates` holds the folders reader/ and desk/.

    `outbox` is None when mail leaves through a real provider. `is_loopback_only`: readers are
    told no other address than this machine's own, so what reaches us over loopback did not come
    through a proxy; only then is the outbox open without signing in. `scan_within` is how old
    the last scan may be where a clock runs beside us, None where none does. `content` is the
    folder of the posts, needed only where the publication has no site but this one. `source` is
    the repository they are pulled from, if any, and `on_push` tells a clock in this process that
    somebody pushed to it. `hooks` are the providers that may call back, by name.
    Without `desk` there are no pages for editors.
    """

    database: Database
    register: Register
    feeds: FeedPress
    shelf: Shelf
    templates: Path
    outbox: Path | None
    clock: Callable[[], datetime]
    is_loopback_only: bool
    scan_within: timedelta | None = None
    content: Path | None = None
    source: GitSource | None = None
    on_push: Callable[[], None] | None = None
    hooks: Mapping[str, Hook] = field(default_factory=dict)
    desk: DeskParts | None = None
