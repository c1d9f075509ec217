"""The draw as mathematics: no clock, no chance, no network, no database, no framework."""
