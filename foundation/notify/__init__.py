"""Notices: written in the same transaction as the fact, delivered at least once after it."""
