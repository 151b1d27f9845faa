"""Questions that the window asks before something far-reaching happens."""
