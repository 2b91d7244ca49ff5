"""The ERP's own validation for a check that is otherwise offline: who is asked, and what is said before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sobatch.core.order.spec import Finding
from sobatch.erp import check_of
from sobatch.show.human import say
from sobatch.work.bench import Services
from sobatch.work.connecting import connection


class Online:
    """Asks the ERP about one order after the other. Raises `UsageError` for an ERP that cannot be asked."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._made = check_of(services.profile.erp)
        with self._open():
            pass  # what is missing of the access is told before anything is checked

    def examine(self, order: bytes) -> Sequence[Finding]:
        """What the ERP says of an order; only while `asking`."""
        return self._check.examine(order)

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Say that orders are sent, then be ready to ask."""
        services = self._services
        with self._open():
            where = "the sandbox" if services.profile.sandbox else self._check.address
            say(
                services.err,
                f"Each order that is good here is now sent to {services.spec.title} ({where}) for its own validation; "
                "nothing is stored there.",
            )
            yield

    @contextmanager
    def _open(self) -> Iterator[None]:
        services = self._services
        with services.transport() as transport:
            self._check = self._made(connection(services.profile, transport, lambda _: None), services.clock)
            try:
                yield
            finally:
                self._check.close()
