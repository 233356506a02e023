"""The row of a commission: model, states, reads."""
