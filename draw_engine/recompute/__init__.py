"""Recomputing vector files: what each value should be, said again by this implementation."""
