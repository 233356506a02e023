"""Changing money code at random, one thing at a time, to see whether the tests notice."""
