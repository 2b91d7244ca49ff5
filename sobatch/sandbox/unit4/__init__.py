"""The pretend Unit4 ERPx: batches that advance with time, results, the list, identity."""
