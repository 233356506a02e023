"""What is held of an affiliate: handing it over, and erasing it."""
