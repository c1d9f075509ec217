"""Measurements of what a user would feel; `make bench` runs them all."""
