"""The ways in which committed events travel."""
