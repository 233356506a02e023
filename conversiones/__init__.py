"""Campaigns and conversions: the sales that affiliates bring."""
