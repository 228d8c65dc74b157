"""A file for each export format, or for a few that are alike: its description and its writer.

What a writer needs is imported when it writes: the command line's help reads the descriptions and needs no numpy.
"""
