"""docker-compose.yml run for real, on an engine of its own with stand-ins of the images."""
