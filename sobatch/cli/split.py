"""Placeholder while being written."""


def command() -> int:
    """Not there yet."""
    return 1
