"""Find the run that the operator means: by id, a unique beginning of one, a remote id, or nothing for the latest."""

from __future__ import annotations

from sobatch.errors import UsageError
from sobatch.lifecycle.journal.moves import Journal
from sobatch.lifecycle.journal.rows import RunRow


class NotHere(UsageError):
    """No run of this journal, and no part of one, is called what was `wanted`."""

    def __init__(self, wanted: str) -> None:
        super().__init__(
            f"no run or remote id is called {wanted!r}",
            next_step="See them all with: sobatch status --list   or, what the ERP has: sobatch status --remote",
        )
        self.wanted = wanted


def find_run(journal: Journal, wanted: str | None, company: str | None = None) -> RunRow:
    """The run; `NotHere` when none fits, `UsageError` when several do. The latest one is that of a `company`, if one is
    named."""
    runs = journal.runs()
    if wanted is None and company is not None:
        runs = [run for run in runs if run.company == ("" if company == "default" else company)]
    if not runs and not wanted:
        whose = f" for company {company}" if company and wanted is None else ""
        raise UsageError(f"there are no runs yet{whose}", next_step="Begin one with: sobatch submit orders.json")
    if wanted is None:
        return runs[0]
    # An empty word is what an unset variable of a script leaves: it must not mean some run.
    fitting = [run for run in runs if wanted and run.id.startswith(wanted)]
    fitting = [run for run in fitting if run.id == wanted] or fitting
    if wanted and not fitting:
        having = journal.runs_with(wanted)
        fitting = [run for run in runs if run.id in having]
    if len(fitting) == 1:
        return fitting[0]
    if not fitting:
        raise NotHere(wanted)
    named = ", ".join(run.id for run in fitting[:5])
    raise UsageError(f"{wanted} fits {len(fitting)} runs: {named}", next_step="Give more of the id.")
