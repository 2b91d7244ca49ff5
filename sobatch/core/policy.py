"""How severe the user wants each kind of problem to be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sobatch.core.spec import Severity


@dataclass(frozen=True, slots=True)
class Policy:
    """`severities` maps a code to the severity it is to have, or to None to ignore it."""

    strict: bool = False
    severities: Mapping[str, Severity | None] = field(default_factory=dict)

    def severity(self, code: str, given: Severity) -> Severity | None:
        """The severity in force for a problem, or None when it is not to be reported."""
        chosen = self.severities.get(code, given)
        return Severity.ERROR if self.strict and chosen is Severity.WARNING else chosen
