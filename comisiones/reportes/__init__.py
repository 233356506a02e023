"""Reports kept with a name, and the statements of their periods: frozen once they are sent."""
