"""The feed: every event in an order that has no gaps, for whoever asks for what came after a
cursor."""
