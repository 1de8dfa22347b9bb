"""Everything that decides, and nothing that acts: no clock, environment, SDK or randomness in here."""
