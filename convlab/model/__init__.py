"""Pure values: layers, kernels, documents, edits and history."""
