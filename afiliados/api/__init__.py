"""REST API of affiliates, and the authentication of every API."""
