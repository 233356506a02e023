"""Webhooks: events sent to addresses of others, by the Standard Webhooks specification."""
