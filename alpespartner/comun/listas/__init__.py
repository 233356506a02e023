"""The one way to list: keys first, by an index that has the order; then the rows of that page."""
