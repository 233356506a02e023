"""Corrections of what is owed: reversals by refunds, and adjustments."""
