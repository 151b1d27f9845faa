"""Setting the station up, and having it examined."""
