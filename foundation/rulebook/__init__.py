"""The law as data: rules with their sources, regimes, and the local overlay in force."""
