"""The way of a model into the registry: read or convert it, prove it, measure it, install it."""
