"""Statistics that compare human and model decisions."""
