"""Recipients answered one by one → what became of the batch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from service.errors import RefusedError
from service.model.delivery import Refusal, Scope
from service.providers.base import Outcome


def conclude(
    accepted: Mapping[int, str], refusals: Mapping[int, Refusal], unsure: Mapping[int, str]
) -> Outcome:
    """Return the Outcome of a batch whose rows are told apart; `accepted` maps to message ids.

    A row's refusal of the scope "batch" blames the mail or its sender rather than the reader.
    Raises RefusedError when nobody was taken for the account's sake, and when several were
    refused in that way and nobody was taken: what meets everybody is about nobody, and a person
    should look before readers are given up.
    """
    if not accepted and not unsure:
        if all(one.scope is Scope.ACCOUNT for one in refusals.values()):
            raise RefusedError(next(iter(refusals.values())))
        blames = [one for one in refusals.values() if one.scope is Scope.BATCH]
        if len(blames) > 1:
            detail = f"every mail of the batch was refused: {blames[0].detail}"
            raise RefusedError(replace(blames[0], scope=Scope.ACCOUNT, detail=detail))
    return Outcome(accepted, refusals, unsure)
