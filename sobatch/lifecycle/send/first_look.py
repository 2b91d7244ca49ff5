"""The one look at the ERP's own list before a run's first send: were these very bytes sent from elsewhere?

A journal knows what it sent itself. Another machine's, a lost or a restored one's sends show only in the ERP, where the
list may give back the file names. A look that cannot be had keeps nobody from sending.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from sobatch.erp.ports import RemoteJob
from sobatch.errors import AlreadySubmitted, NotAllowed, RemoteFailed, Temporary
from sobatch.lifecycle.events import Said
from sobatch.lifecycle.journal.rows import RunRow
from sobatch.lifecycle.send.fingerprint import Fingerprint, fingerprints
from sobatch.lifecycle.session import Session

SECONDS = 10.0
_NO_LIST = (404, 405)


def first_look(session: Session, run: RunRow) -> None:
    """Raises `AlreadySubmitted` when the ERP lists a part of this run as sent by a journal that is not this one.

    One request, ten seconds, never repeated. What was listed is kept: a receipt that names it would be none.
    """
    jobs = _listed(session)
    session.listed_before = frozenset(job.remote_id.lower() for job in jobs)
    told = [(job, prints) for job in jobs if (prints := fingerprints(json.dumps(dict(job.raw))))]
    if not told:
        return
    journal = session.journal
    ours = journal.parts_of_digests(run.id, frozenset(each.sha8 for _, prints in told for each in prints))
    for job, prints in told:
        same = next((each for each in prints if _same(ours, each, job)), None)
        if same is None or _another_company(job, run) or journal.has_run(same.run):
            continue
        if journal.holder(run.id, job.remote_id) is None:
            raise _sent_elsewhere(job, same, ours[same.sha8][0])


def _listed(session: Session) -> list[RemoteJob]:
    """The list, or nothing; a sentence where there is one that cannot be had.

    Where nobody answers, or nobody who can be trusted, a send would fail too: then the error is raised.
    """
    try:
        return list(session.target.jobs(seconds=SECONDS))
    except (Temporary, NotAllowed, RemoteFailed) as error:
        if error.facts.get("unreached"):
            raise
        if error.facts.get("http_status") not in _NO_LIST:
            session.listen(Said(f"The ERP's own list could not be looked at before sending: {error.message}"))
        return []


def _same(ours: Mapping[str, tuple[int, int]], mark: Fingerprint, job: RemoteJob) -> bool:
    part = ours.get(mark.sha8)
    return part is not None and job.orders in (None, part[1])


def _another_company(job: RemoteJob, run: RunRow) -> bool:
    return bool(job.company and run.company) and str(job.company).lower() != run.company.lower()


def _sent_elsewhere(job: RemoteJob, mark: Fingerprint, part: int) -> AlreadySubmitted:
    return AlreadySubmitted(
        f"part {part} was sent before from elsewhere: the ERP has its very bytes as {job.remote_id}, "
        f"from run {mark.run}, which this journal does not know; nothing was sent",
        code="submitted-elsewhere",
        next_step="See what the ERP has with: sobatch status --remote   A wanted repeat needs --allow-duplicate.",
        facts={"part": part, "remote_id": job.remote_id, "run_elsewhere": mark.run},
    )
