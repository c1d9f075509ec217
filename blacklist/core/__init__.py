"""Values and rules of a standing; no clock, chance, network or database."""
