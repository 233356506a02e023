"""The programme's figures by day and month: what was sold, refunded and earned, by a consumer."""
