"""The inside of the sandbox: its programme, how it is emptied, and what the live site orders it."""
