"""One helper: a finding takes its severity from the table of codes unless told otherwise."""

from __future__ import annotations

from sobatch.core.codes import code_of
from sobatch.core.spec import Finding, Severity


def finding(
    code: str,
    pointer: str,
    message: str,
    hint: str | None = None,
    *,
    missing: bool = False,
    severity: Severity | None = None,
) -> Finding:
    """A finding at a pointer inside the order. Raises `KeyError` for a code that is not in the table."""
    return Finding(code, severity or code_of(code).severity, message, pointer, hint, missing)
