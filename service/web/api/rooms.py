"""Every address of the API, in one place for whoever opens the doors."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import FastAPI

from service.web.api.accounts import Accounts
from service.web.api.api import ROOT, Api
from service.web.api.arranging import Arranging
from service.web.api.editions import Editions
from service.web.api.feeds import Feeds
from service.web.api.imports import Imports
from service.web.api.one_subscriber import OneSubscriber
from service.web.api.post_handling import PostHandling
from service.web.api.post_story import PostStories
from service.web.api.posts import Posts
from service.web.api.readership import Readership
from service.web.api.sending import Sending
from service.web.api.signups import Signups
from service.web.api.staff import Staff
from service.web.api.status import Standing
from service.web.api.subscribers import Subscribers
from service.web.api.suppressions import Suppressions
from service.web.api.unknown import Unknown
from service.web.api.webhooks import Webhooks
from service.web.desk.parts import DeskParts

_ROOMS: tuple[Callable[[Api], object], ...] = (
    Standing,
    Accounts,
    Posts,
    PostHandling,
    PostStories,
    Editions,
    Arranging,
    Sending,
    Feeds,
    Readership,
    Subscribers,
    OneSubscriber,
    Signups,
    Imports,
    Suppressions,
    Unknown,
    Webhooks,
    Staff,
)


def open_api(app: FastAPI, parts: DeskParts) -> None:
    """Add the API to the doors."""
    api = Api(parts.works, parts.uploads)
    for room in _ROOMS:
        room(api)
    app.mount(ROOT, api.app)
