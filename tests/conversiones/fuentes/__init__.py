"""Tests of what files bring."""
