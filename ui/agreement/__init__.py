"""Human against model on the screen."""
