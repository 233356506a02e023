"""Who may do what, as one table: each address of the API and of the admin, with what opens it.

It decides nothing: views, admin pages and services do, and a test holds that they say the same and
that no address or action is missing here. ``docs/seguridad.md`` is written from it.
"""
