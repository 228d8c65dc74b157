"""The only home of torch: evaluates a layer in a region."""

import os

os.environ.setdefault("GOMP_SPINCOUNT", "1000")
"""Before torch is imported: its threads spin at barriers, and with anything else running, the threads that write
pictures say, a convolution of a whole photo took up to 40 times as long as with few spins."""
