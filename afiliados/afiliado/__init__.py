"""The affiliate: row, states, reads and writes."""
