"""One payment: made, sent, resolved."""
