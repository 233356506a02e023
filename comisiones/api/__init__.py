"""REST API of commissions, with the paths of the earlier systems."""
