"""Orders and a spec in, problems and sums out, over one source or many."""
