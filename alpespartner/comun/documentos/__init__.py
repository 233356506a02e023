"""Help with files that people get."""
