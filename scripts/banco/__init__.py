"""What the benchmarks share. Never part of the product: nothing outside scripts/ imports it."""
