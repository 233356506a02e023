"""How many rows there are of each kind, and what they add up to, kept by a consumer."""
