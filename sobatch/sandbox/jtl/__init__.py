"""A pretend JTL-Wawi Cloud: an order is a header, and all its lines come by a second call."""
