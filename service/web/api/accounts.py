"""Accounts at mail providers: what each waits for, and an editor's word that it may go on."""

from __future__ import annotations

from starlette.requests import Request

from service.model.editor import Scope
from service.sending import resume_account
from service.store.accounts import Account, list_accounts
from service.web.api.api import Api
from service.web.api.fields import Asked, Moment, Name, Shown
from service.web.api.gate import actor_of
from service.web.api.problems import NotFoundError


class ShownAccount(Shown):
    """An account that ever sent. While `paused_at` says when, nothing leaves by it.

    Nor does anything before `not_before`. `is_used`: it is the one that is configured now.
    """

    account: str
    is_used: bool
    not_before: Moment | None
    paused_at: Moment | None
    paused_reason: str
    unknown_in_a_row: int


class AccountNamed(Asked):
    """An account, as /accounts names it."""

    account: Name


class Accounts:
    """The addresses under /accounts."""

    def __init__(self, api: Api) -> None:
        self._api = api
        api.show("/accounts", self.list_accounts)
        api.act("/accounts/resume", self.resume_account, needs=Scope.SEND, fails=(404,))

    def list_accounts(self) -> list[ShownAccount]:
        """Every account that ever sent, and what it waits for."""
        return [self._show(one) for one in self._list()]

    def resume_account(self, request: Request, asked: AccountNamed) -> ShownAccount:
        """Let an account send again that waits for a person, or for a time."""
        if asked.account not in {one.account for one in self._list()}:
            raise NotFoundError("there is no account of this name; see /accounts")
        works = self._api.works
        wake, now, by = works.press.wake, works.clock(), actor_of(request)
        resume_account(works.database, wake, asked.account, now, by=by)
        return next(self._show(one) for one in self._list() if one.account == asked.account)

    def _list(self) -> list[Account]:
        with self._api.database.reading() as connection:
            return list_accounts(connection)

    def _show(self, one: Account) -> ShownAccount:
        return ShownAccount(
            account=one.account,
            is_used=one.account == self._api.works.register.account,
            not_before=one.not_before,
            paused_at=one.paused_at,
            paused_reason=one.paused_reason,
            unknown_in_a_row=one.unknown_in_a_row,
        )
