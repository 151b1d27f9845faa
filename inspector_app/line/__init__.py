"""Outputs that tell the line what to do with a part."""
