"""What `status`, `results` and `cancel` share: find the run, update the journal, keep to the run's own ERP."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sobatch.core.cut.storage import Disk
from sobatch.erp import spec_of
from sobatch.errors import NotAllowed, OutcomeUnknown, Temporary, UsageError
from sobatch.lifecycle.carry import look_again
from sobatch.lifecycle.events import Listen, Said
from sobatch.lifecycle.journal.lock import sender_lock
from sobatch.lifecycle.journal.moves import Journal
from sobatch.lifecycle.journal.rows import Identity, RunRow
from sobatch.lifecycle.resolve import accept_restored
from sobatch.lifecycle.told.lookup import find_run
from sobatch.lifecycle.told.report import report
from sobatch.sandbox.worlds import IN_PROCESS
from sobatch.work.bench import Services
from sobatch.work.next_step import ready

__all__ = ["bring_up_to_date", "code_of_run", "find_run", "found_run", "read_back", "require_same_target", "told_of"]


def accepted_as_restored(services: Services) -> dict[str, Any]:
    """Accept a journal that was restored from a copy, and tell what became unknown by that."""
    with services.journal() as journal:
        return accept_restored(journal, services.marks, services.state, Disk())


def bring_up_to_date(services: Services, run: RunRow, listen: Listen) -> None:
    """Ask the ERP once about a run that is open, or closed with an unknown. What cannot be asked now is said, and the
    journal's word stands."""
    with services.journal() as journal:
        if run.state != "open" and not journal.unsettled_ends(run.id):
            return
    try:
        require_same_target(services, run)
        identity = Identity(run.erp, run.address, run.company, run.run_key)
        with (
            services.session(listen) as session,
            sender_lock(session.state, identity, session.storage, f"look {run.id}"),
        ):
            look_again(session, run.id, services.pace)
    except (Temporary, UsageError, NotAllowed) as error:
        listen(Said(f"The ERP was not asked: {error.message}", True))
    except OutcomeUnknown:
        return


def read_back(services: Services, run: RunRow, listen: Listen) -> dict[str, Any]:
    """How each created order of a run stands at the ERP today, as counts. Raises what asking raises."""
    from sobatch.lifecycle.refresh import refresh

    require_same_target(services, run)
    with services.session(listen) as session:
        return refresh(session, run).facts()


def require_same_target(services: Services, run: RunRow) -> None:
    """Refuse to ask one ERP about another's run."""
    profile = services.profile
    here = (profile.erp, profile.base_url or "", services.company)
    if here != (run.erp, run.address, run.company):
        company = run.company or "default"
        row, erp = profile.identity, f"--erp {run.erp} " if run.erp != profile.erp else ""
        whose = f" --{row.name.replace('_', '-')} {company}" if row is not None and row.flag else ""
        hint = "--sandbox" if run.address.startswith(IN_PROCESS) else f"{erp}--base-url {run.address}{whose}"
        raise UsageError(
            f"run {run.id} belongs to {run.address}, company {company}; this profile points elsewhere",
            next_step=f"Name its profile, or: {hint}",
        )


def told_of(services: Services, journal: Journal, run: str, given: str | None = None) -> dict[str, Any]:
    """A run's report as plain data, its next commands ready to paste. `given`: the file's name today, if it has one."""
    facts = report(journal, run, given, spec_of(journal.run(run).erp).modes).facts()
    flags = services.place_flags_for(facts["company"])
    facts["next"] = [ready(step, flags) for step in facts["next"]]
    return facts


def found_run(services: Services, wanted: str | None) -> tuple[RunRow, Services]:
    """The run that is meant, and services for its own company unless another was named on the command line."""
    row = services.profile.identity
    chosen = row is not None and services.profile.origin[row.name].startswith("flag")
    with services.journal() as journal:
        run = find_run(journal, wanted, services.company or "default" if chosen else None)
    if run.erp != services.profile.erp and "erp" not in services.flags:
        services = Services({**services.flags, "erp": run.erp}, services.look, services.signals)
    return run, services if chosen else services.for_company(run.company)


def code_of_run(facts: Mapping[str, Any]) -> int:
    """A run's own exit code for `status --exit-code`: while it is open 8, or 10 when the fate of a part is unknown."""
    if facts["run_exit_code"] is not None:
        return int(facts["run_exit_code"])
    unknown = facts["ledger"]["unknown"] or any(each["state"] == "unknown" for each in facts["parts_by_state"])
    return 10 if unknown else 8
