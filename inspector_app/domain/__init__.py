"""Values and ports that every room shares."""
