"""Examines computer, data folder and devices before parts depend on them."""
