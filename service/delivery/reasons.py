"""How the reasons begin that are written at editions, by which they are known again."""

from __future__ import annotations

OVERDUE = "overdue"
"""Of an edition that comes too late and is held."""

UNMADE = "cannot be made"
"""Of one that is held because its mail cannot be rendered."""

SENT_NOW = "sent at once, to "
"""Of one sent at once; the number of readers follows."""

OTHER_NUMBER = f"{UNMADE}: it would go to another number of readers, "
"""Of one that was sent at once and is held; "50 instead of 20" follows."""
