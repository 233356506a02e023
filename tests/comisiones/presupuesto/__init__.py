"""Budgets of campaigns."""
