"""RamBase: a call for the order's header and one for each of its items."""
