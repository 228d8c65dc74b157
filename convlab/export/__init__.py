"""Saving feature maps: the one way, for the window and the command line."""
