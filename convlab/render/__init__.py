"""Floats to pixels: contrast limits, colour maps."""
