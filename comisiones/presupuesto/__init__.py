"""What the commissions of a campaign spend of its budget."""
