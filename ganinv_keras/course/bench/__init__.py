"""Long comparisons under equal conditions, whose results pages read: one generator, many ways to invert it."""
