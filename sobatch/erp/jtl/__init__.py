"""JTL-Wawi Cloud: a sales order is one call for its header and one for all its lines."""
