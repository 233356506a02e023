"""REST API of campaigns and conversions."""
