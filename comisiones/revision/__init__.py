"""Automatic approval: policies per campaign, off until somebody publishes one."""
