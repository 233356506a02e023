"""Accounts that affiliates are paid to."""
