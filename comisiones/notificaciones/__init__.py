"""Mail to affiliates about what happens to their commissions."""
