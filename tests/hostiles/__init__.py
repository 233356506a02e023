"""Rows that no service would write, beside good ones: nothing ends with them."""
