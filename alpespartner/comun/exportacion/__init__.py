"""Lists as files: what is filtered, as CSV. A short one at once, a long one by a task."""
