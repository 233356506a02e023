"""Affiliates and the API keys of those who integrate with the programme."""
