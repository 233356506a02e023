"""From a sale to its commissions."""
