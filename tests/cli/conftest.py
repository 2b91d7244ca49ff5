"""The fixtures of the commands' tests; what they do stands in `sending_door`."""

from sending_door import door, pretend

__all__ = ["door", "pretend"]
