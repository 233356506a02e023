"""Database backend of the embedded mode: Django's SQLite with writers that take turns."""
