"""Backtest against stored history: what a candidate would have paid. It changes no money."""
