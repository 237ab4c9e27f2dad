"""The filter bar: the slice as one line of the same flags as the command line."""
