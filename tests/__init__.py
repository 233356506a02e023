"""Tests of the project; each folder mirrors an app."""
