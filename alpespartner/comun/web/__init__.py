"""What every page and answer of the site shares: limits, headers, error pages, log lines."""
