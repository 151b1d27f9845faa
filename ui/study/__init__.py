"""Guided attribute studies: planning, blind judging, figures."""
