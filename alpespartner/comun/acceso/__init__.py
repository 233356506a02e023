"""Doors of the site: who may try to enter, and how often."""
