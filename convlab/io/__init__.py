"""Photos, kernels and exports: decoding, validating, saving whole or not at all."""
