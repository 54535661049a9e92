"""From a problem to what belongs into the question about it."""
