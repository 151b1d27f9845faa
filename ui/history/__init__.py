"""The log on the screen: rows, table, one part with everything that is recorded about it."""
