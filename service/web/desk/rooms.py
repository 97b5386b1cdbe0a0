"""Every page of the desk, in one place for whoever opens the doors."""

from __future__ import annotations

from collections.abc import Iterable

from fastapi import APIRouter, FastAPI

from service.web.desk.accounts import Accounts
from service.web.desk.adding_readers import AddingReaders
from service.web.desk.approving import Approving
from service.web.desk.desk import Desk
from service.web.desk.editions import Editions
from service.web.desk.feeds import Feeds
from service.web.desk.parts import DeskParts
from service.web.desk.post_handling import PostHandling
from service.web.desk.posts import Posts
from service.web.desk.reader import OneReader
from service.web.desk.reader_choices import ReaderChoices
from service.web.desk.reader_lists import ReaderLists
from service.web.desk.readers import Readers
from service.web.desk.settings import Settings
from service.web.desk.signing_in import SigningIn
from service.web.desk.suppressed import Suppressed
from service.web.desk.today import Today
from service.web.desk.visits import BeyondRoleError, SignInFirstError
from service.web.desk.webhooks import Webhooks
from service.web.rendering import PageRenderer


def open_desk(app: FastAPI, parts: DeskParts, renderer: PageRenderer) -> None:
    """Add the desk to the doors."""
    desk = Desk(parts, renderer)
    for router in _furnish(desk, renderer):
        # Included, its forms would be read with the first request, in whichever thread that is.
        app.router.routes.extend(router.routes)
    app.add_exception_handler(SignInFirstError, desk.ask_to_sign_in)
    app.add_exception_handler(BeyondRoleError, desk.refuse_role)


def _furnish(desk: Desk, renderer: PageRenderer) -> Iterable[APIRouter]:
    Today(desk)
    Accounts(desk)
    Posts(desk)
    PostHandling(desk)
    Editions(desk)
    Readers(desk)
    AddingReaders(desk)
    ReaderLists(desk)
    Suppressed(desk)
    OneReader(desk)
    ReaderChoices(desk)
    Feeds(desk)
    Settings(desk)
    Webhooks(desk)
    signing_in = SigningIn(desk, renderer)
    return (
        signing_in.routes(),
        Approving(desk, renderer).routes(),
        desk.router,
        renderer.desk_style.routes(),
        renderer.desk_choosing.routes(),
        renderer.desk_list.routes(),
        renderer.desk_progress.routes(),
    )
