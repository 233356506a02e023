"""Kernel shared by every app: money, identifiers, states, history, HTTP. It imports no app."""
