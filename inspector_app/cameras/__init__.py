"""Sources of pictures behind one Camera protocol."""
