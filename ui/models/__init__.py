"""What the models page is made of."""
