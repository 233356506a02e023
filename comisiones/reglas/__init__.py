"""Rules: what a conversion pays, in immutable published versions."""
