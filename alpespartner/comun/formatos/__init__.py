"""How dates are written on pages: one way in each language, short enough for a column."""
