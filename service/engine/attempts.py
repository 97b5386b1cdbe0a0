"""One attempt at a batch, for whichever engine: what goes wrong is logged, and stops no other."""

from __future__ import annotations

import structlog

from service.delivery.recording import Ending
from service.delivery.send import send_batch
from service.engine.rounds import insist_for
from service.engine.works import Works
from service.errors import KawarabanError, SendHoldError

log = structlog.get_logger(__name__)


def attempt_batch(works: Works, batch_id: int) -> Ending | None:
    """Make one attempt; how it ended, None when it failed for a reason that was logged.

    An answer that the database cannot take is kept until the claim runs out. Any other time that
    it does not answer is the engine's own affair: its error is raised.
    """
    bag = works.mailbag
    try:
        return send_batch(works.database, bag, batch_id, works.clock, insist_for(bag.claim_for))
    except SendHoldError as error:
        log.error("nothing leaves", reason=str(error))
    except KawarabanError as error:
        log.error("batch failed", batch_id=batch_id, reason=str(error))
    return None
