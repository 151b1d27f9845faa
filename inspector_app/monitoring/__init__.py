"""Counts and rates of the running station."""
