"""The only home of torch: evaluates a layer in a region."""
