"""Test keys: the way from the live site to the sandbox, which is another process with another
database behind the same address."""
