"""Programs measured beside each other, or beside a busy process: `convlab bench --against FOLDER`, `--busy`."""
