"""The only home of torch: evaluates a layer in a region."""

import os

SPINS = "1000"
"""Looks that a thread of torch takes for the others before it sleeps (GOMP reads it as torch is loaded).

Threads that spin take the cores from all else that runs, the writers of pictures say, and are themselves waited for.
"""

if os.environ.keys().isdisjoint({"GOMP_SPINCOUNT", "OMP_WAIT_POLICY"}):
    os.environ["GOMP_SPINCOUNT"] = SPINS
