"""Readers on paper: addresses, signed links, sheets of readers, consent and caps. Pure."""
