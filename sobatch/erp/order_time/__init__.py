"""Order Time: a sales order is one call, lines included."""
