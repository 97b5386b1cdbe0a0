"""The nouns. Standard library only; nothing here reads a clock, a disk or a network."""
