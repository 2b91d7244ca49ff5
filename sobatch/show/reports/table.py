"""The formats of `validate`, and the writer of each that is neither prose nor our own JSON, loaded when asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from functools import partial
from typing import TextIO

from sobatch.core.check.sources import Placed, Report
from sobatch.core.order.spec import Code


class ReportFormat(StrEnum):
    """How the answer is written; the last three are for code scanning, workflow logs and test reports."""

    TEXT = "text"
    JSON = "json"
    NDJSON = "ndjson"
    SARIF = "sarif"
    GITHUB = "github"
    JUNIT = "junit"


def writer_of(
    output: ReportFormat, codes: Mapping[str, Code]
) -> Callable[[TextIO, Iterable[Placed], Sequence[Report]], None] | None:
    """The writer of a format for other programs, None for those that every command has."""
    if output is ReportFormat.SARIF:
        from sobatch.show.reports.sarif import write_sarif

        return partial(write_sarif, codes=codes)
    if output is ReportFormat.GITHUB:
        from sobatch.show.reports.github import write_github

        return write_github
    if output is ReportFormat.JUNIT:
        from sobatch.show.reports.junit import write_junit

        return write_junit
    return None
