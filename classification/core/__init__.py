"""Values and rules of the classification; no clock, chance, network or database."""
