"""The ways of sending that are proved, and what each class of provider is promised."""

from __future__ import annotations

from dataclasses import dataclass

from tests.proof.provider import ProviderClass
from tests.proof.trial import Plan, Result


@dataclass(frozen=True, slots=True)
class Way:
    """An engine over a database, for one class of provider."""

    engine: str
    database: str
    kind: ProviderClass

    def __str__(self) -> str:
        return f"{self.engine}-{self.database}-{self.kind.value}"


WAYS = [
    Way(engine, database, kind)
    for engine, database in (
        ("embedded", "sqlite"),
        ("embedded", "postgres"),
        ("distributed", "postgres"),
    )
    for kind in ProviderClass
]

_TROUBLE = 0.1
_WORKERS = 4


def plan_trial(way: Way, *, recipients: int, batch_limit: int, kills: int, seed: int) -> Plan:
    """A trial of a way.

    Class C is tried with one worker and a provider that is never bad by itself, so that what is
    unknown at the end is the kills' doing alone: at most the one batch in hand.
    """
    is_bare = way.kind is ProviderClass.NOTHING
    return Plan(
        engine=way.engine,
        database=way.database,
        kind=way.kind,
        workers=1 if is_bare else _WORKERS,
        recipients=recipients,
        batch_limit=batch_limit,
        kills=kills,
        trouble=0.0 if is_bare else _TROUBLE,
        seed=seed,
    )


def judge(result: Result) -> list[str]:
    """What of the promise was broken; nothing when it was kept."""
    broken = {
        "sent twice": result.twice or result.twice_at_last,
        "lost": result.lost or result.lost_at_last,
        "other bytes under a key that was used": result.altered,
        "unknown": _exceeds(result),
        "fewer kills than planned": result.kills < result.plan.kills,
    }
    return [what for what, is_so in broken.items() if is_so]


def _exceeds(result: Result) -> bool:
    """Whether more is unknown than may be: one batch per worker that a kill can have met."""
    if result.plan.kind is not ProviderClass.NOTHING:
        return result.unknown > 0
    return result.unknown_batches > result.kills * result.plan.workers + result.troubled
