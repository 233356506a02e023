"""Commissions: rules, calculation, review, ledger and payments."""
