"""Links, clicks and coupons: by what a sale is known to be somebody's."""
