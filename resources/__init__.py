"""Data files that ship with the station."""
