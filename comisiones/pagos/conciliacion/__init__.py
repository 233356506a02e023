"""What banks and gateways tell."""
