"""An ERP's own validation: it looks at an order and stores nothing. An `api` that has it offers `check`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from sobatch.core.order.spec import Finding


class OnlineCheck(Protocol):
    """Made by an api's `check(connection, clock)`, which raises `UsageError` when a part of the access is missing."""

    @property
    def address(self) -> str:
        """The base address that orders go to."""

    def examine(self, order: bytes) -> Sequence[Finding]:
        """What the ERP says of one order, within its rate; empty when it has nothing to say.

        Raises `NotAllowed`, `RemoteFailed` where there is no such validation, and `Temporary`.
        """

    def close(self) -> None:
        """Release connections."""
