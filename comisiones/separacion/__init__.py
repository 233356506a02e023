"""Who is tied to a commission, and so does not approve it."""
