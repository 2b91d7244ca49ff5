"""The ledger: every order that was read is in exactly one place, and the places add up to what was read."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from sobatch.errors import StorageFailed


@dataclass(frozen=True, slots=True)
class Ledger:
    """`read = set_aside + not_created + created + incomplete + rejected + unknown`, plus `pending` while it is open."""

    read: int = 0
    set_aside: int = 0
    not_created: int = 0
    created: int = 0
    incomplete: int = 0
    rejected: int = 0
    unknown: int = 0
    pending: int = 0

    @property
    def adds_up(self) -> bool:
        """Whether the places sum to what was read."""
        return self.read == (
            self.set_aside
            + self.not_created
            + self.created
            + self.incomplete
            + self.rejected
            + self.unknown
            + self.pending
        )

    def checked(self, where: str) -> Ledger:
        """Itself, or `StorageFailed` that says where the sum breaks."""
        if not self.adds_up:
            counts = ", ".join(f"{name} {count:,}" for name, count in asdict(self).items())
            raise StorageFailed(
                f"the ledger of {where} does not add up: {counts}",
                code="ledger",
                next_step="Do not send again. Keep the state folder and report this.",
            )
        return self

    def exit_code(self) -> int:
        """The code of a finished run with these counts: 10, 5, 4 or 0. Cancelled and failed runs: elsewhere."""
        if self.unknown:
            return 10
        refused = self.rejected + self.set_aside + self.incomplete + self.not_created
        if not refused:
            return 0
        return 4 if self.created or self.incomplete else 5
