"""Widgets, one a file, and the painting of ready tiles."""
