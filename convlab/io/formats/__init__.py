"""Files that can be an input: each format described once, and the readers that decode them.

A reader is imported when the first file of its kind is decoded: the command line's help reads the descriptions alone,
and needs no numpy.
"""
