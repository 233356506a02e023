"""Help with the database."""
