"""A pretend Order Time: three headers, one call an order, validation results as an array, and lists with filters."""
