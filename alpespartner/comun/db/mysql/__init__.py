"""Database backend of the real stack: Django's MySQL without the round trips that say nothing."""
