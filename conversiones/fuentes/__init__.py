"""Where sales come from besides the API: files that people import."""
