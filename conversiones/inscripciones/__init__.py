"""Who may earn in a campaign that asks for it, and on which terms."""
