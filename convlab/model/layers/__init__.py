"""Each kind of layer described once: parameters, shape, problems, costs, values and code."""
