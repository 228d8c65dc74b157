"""How torch computes each kind of layer on a region of its outputs."""
