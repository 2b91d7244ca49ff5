"""sobatch loads sales orders into ERPs in bulk: check, split, send, follow, account for every order."""

__version__ = "0.1.0"
