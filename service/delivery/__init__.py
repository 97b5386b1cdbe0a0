"""Everyone once: planning the rows of an edition, sending batches, settling what is unclear."""
