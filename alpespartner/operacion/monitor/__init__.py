"""Whether the programme is well, now: what a terminal, a page, alerts and ``/metrics`` show."""
