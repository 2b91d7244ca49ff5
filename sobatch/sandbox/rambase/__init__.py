"""A pretend RamBase: a login, headers and items one by one, and errors in its own shape."""
