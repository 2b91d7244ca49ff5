"""A job of the ERP that this journal does not know, spoken of by its remote id: no run, no ledger, no places."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sobatch.errors import RemoteFailed, StillRunning, Temporary, UsageError
from sobatch.work.bench import Services
from sobatch.work.next_step import ready

if TYPE_CHECKING:
    from sobatch.erp.ports import Outcome, Status, Target
    from sobatch.lifecycle.told.lookup import NotHere

_REMOTE_ID = re.compile(r"[A-Za-z0-9_-]{1,128}")
_NO_SUCH_JOB = (400, 404, 410)
_FIRST, _LONGEST = 2.0, 30.0


@dataclass(frozen=True, slots=True)
class RemoteJob:
    """A job as the ERP tells it now."""

    services: Services
    remote_id: str
    status: Status

    @property
    def over(self) -> bool:
        """Whether the ERP says that it has ended."""
        return self.status.phase.terminal

    def facts(self) -> dict[str, Any]:
        """As plain data, with the next commands."""
        status = self.status
        steps = [f"results {self.remote_id}", f"results --type created {self.remote_id}"]
        if not self.over:
            steps = [f"status {self.remote_id}", f"cancel {self.remote_id}"]
        return {
            "run": None,
            "address": self.services.profile.base_url,
            "remote_id": self.remote_id,
            "remote_phase": status.phase,
            "processor_result": status.result,
            "processed": status.processed,
            "failed": status.failed,
            "message": status.message,
            "next": [ready(f"sobatch {step}", self.services.place_flags) for step in steps],
        }

    def exit_code(self) -> int:
        """What a run of this job alone would end with."""
        if not self.over:
            return 8
        if self.status.phase == "cancelled":
            return 9
        if self.status.phase == "failed" or (self.status.failed and self.status.failed == self.status.processed):
            return 5
        return 4 if self.status.failed else 0


def asked(services: Services, unknown: NotHere) -> RemoteJob:
    """The job that the ERP knows by the name that no run has. Raises `UsageError` when it knows none either."""
    remote_id = unknown.wanted
    if not _REMOTE_ID.fullmatch(remote_id) or not services.profile.base_url:
        raise unknown
    with services.target() as target:
        return RemoteJob(services, remote_id, _status(target, remote_id, unknown))


def _status(target: Target, remote_id: str, unknown: NotHere) -> Status:
    from sobatch.erp.ports import Receipt

    try:
        return target.status(Receipt(remote_id))
    except (Temporary, RemoteFailed) as error:
        if error.facts.get("http_status") not in _NO_SUCH_JOB:
            raise
        raise UsageError(
            f"neither this journal nor {target.address} knows {remote_id!r}", next_step=unknown.next_step
        ) from error


def outcomes(job: RemoteJob, kinds: Sequence[str]) -> Iterator[dict[str, Any]]:
    """What the ERP tells of the orders of a job that has ended, as plain data in the order of its lists. `kinds` are
    the lists: `failed`, `created`."""
    from sobatch.erp.ports import Kind, Receipt

    services = job.services
    with services.target() as target, tempfile.TemporaryDirectory(prefix=".look-", dir=services.state) as folder:
        for kind in map(Kind, kinds if job.over else ()):
            for outcome in target.results(Receipt(job.remote_id), kind, Path(folder) / f"{kind}.json"):
                yield _facts(services, target, job.remote_id, outcome)


def _facts(services: Services, target: Target, remote_id: str, outcome: Outcome) -> dict[str, Any]:
    """An outcome with the members that one of a run has; what only our own file could tell is None."""
    told = {key.lower(): value for key, value in outcome.order.items()}

    def key(name: str) -> str | None:
        value = told.get(services.spec.keys[name][0].lower())
        usable = isinstance(value, str | int) and not isinstance(value, bool) and value
        return target.redacted(str(value)) if usable else None

    return {
        **dict.fromkeys(("file", "offset", "line", "column")),
        "index": outcome.index,
        "pointer": "",
        "state": "rejected" if outcome.kind == "failed" else "created",
        "part": None,
        "remote_id": remote_id,
        "order_number": None if outcome.number is None else target.redacted(outcome.number),
        "own_number": None,
        "external_id": key("external"),
        "reference": key("reference"),
        "one_of_equal_orders": False,
        "messages": [{"text": text, "pointer": target.redacted(path)} for path, text in outcome.messages],
    }


def cancelled(job: RemoteJob, unknown: NotHere) -> RemoteJob:
    """Ask the job to stop and wait for its end. Raises `StillRunning` when the time to wait is over before."""
    from sobatch.erp.ports import Receipt

    services, clock, pace = job.services, job.services.clock, job.services.pace
    deadline = None if pace.timeout is None else clock.monotonic() + pace.timeout
    wait = pace.poll_interval or _FIRST
    with services.target() as target:
        target.cancel(Receipt(job.remote_id))
        while not job.over:
            left = None if deadline is None else deadline - clock.monotonic()
            if left is not None and left <= 0:
                raise StillRunning(
                    f"{job.remote_id} was asked to stop and is still {job.status.phase}",
                    next_step=f"sobatch status {job.remote_id}",
                )
            clock.sleep(wait if left is None else min(wait, left))
            wait = pace.poll_interval or min(wait * 1.5, _LONGEST)
            job = RemoteJob(services, job.remote_id, _status(target, job.remote_id, unknown))
    return job
