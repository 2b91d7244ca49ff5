"""Reads what Unit4's batch API answers: the id inside `Location`, and the status document. Tolerant, and never wrong
in the dangerous direction: an id is taken only when it is beyond question, and an unknown word ends nothing.

`Location` is never requested; addresses are rebuilt from the configured base.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx

from sobatch.core.place.safetext import clean
from sobatch.erp.ports import Phase, Receipt, Status
from sobatch.erp.wire.client import Redact, server_time
from sobatch.erp.wire.redactor import Redactor

ID = re.compile(r"[A-Za-z0-9_-]{1,128}")
_STEP = re.compile(r"[A-Za-z0-9_.~-]+")
_LOCATION_LENGTH = 2000
_LARGEST_COUNT = 10**9

# The six letters of the Batch Operations page, their names there, and the words of the sales-order page.
_PHASES = {
    Phase.PENDING: ("n", "pending", "new", "queued", "waiting"),
    Phase.RUNNING: ("w", "working", "running", "inprogress", "processing", "started"),
    Phase.CANCELLING: ("k", "cancelling", "canceling"),
    Phase.CANCELLED: ("c", "cancelled", "canceled"),
    Phase.FINISHED: ("t", "success", "completed"),
    Phase.FAILED: ("e", "error", "failed"),
    # No page has these words. They are believed when the result lists account for every order, and not before.
    Phase.CLAIMED: ("finished", "terminated", "done", "complete", "ended", "successwithvalidationerrors"),
}
_PHASE_OF = {word: phase for phase, words in _PHASES.items() for word in words}
_PROCESSED = ("processeditems", "processeditemcount", "processedcount", "processed")
_FAILED = ("validationerrorcount", "validationerrors", "errorcount", "faileditems")
_ID_NAMES = ("batchid", "requestid", "operationid", "batchoperationid", "id")
_MESSAGE = ("message", "errormessage", "error", "statusmessage")


def receipt_of(response: httpx.Response, base_url: str, redact: Redactor) -> Receipt:
    """The receipt in the headers of a positive answer; `remote_id` is None when `Location` names none."""
    raw = response.headers.get("location")
    remote_id, oddity = batch_id(raw, base_url)
    if remote_id is not None and redact.holds(remote_id):
        remote_id, oddity = None, "the answer names a batch by a secret of ours, which is not used as a name"
    notes = [] if response.status_code == 201 else [f"the server answered {response.status_code} in place of 201"]
    if oddity:
        notes.append(oddity)
    return Receipt(
        remote_id=remote_id,
        http_status=response.status_code,
        location=None if raw is None else clean(redact(raw), _LOCATION_LENGTH),
        server_time=server_time(response),
        note="; ".join(notes) or None,
    )


def batch_id(location: str | None, base_url: str) -> tuple[str | None, str | None]:
    """The batch id that a `Location` names, and what is odd about it. A foreign host is odd, an unclean path no id."""
    if not location:
        return None, "the answer names no batch: there is no Location"
    unusable = None, "the answer names no usable batch: its Location has another form"
    if len(location) > _LOCATION_LENGTH or not re.fullmatch(r"[\x21-\x7e]+", location):
        return unusable
    try:
        parts, base = urlsplit(location), urlsplit(base_url)
    except ValueError:
        return unusable
    found = _id_in(parts.path)
    if found is None or (parts.scheme and parts.scheme.lower() not in ("http", "https")):
        return unusable
    foreign = (parts.netloc and parts.netloc.lower() != base.netloc.lower()) or (
        parts.scheme and parts.scheme.lower() != base.scheme.lower()
    )
    return found, "the Location points at another address, which is not used" if foreign else None


def _id_in(path: str) -> str | None:
    """The step after `batch-operations`, when it is the last one but for `status`, and every step is plain."""
    steps = path.removesuffix("/").removesuffix("/status").removeprefix("/").split("/")
    plain = all(_STEP.fullmatch(step) and ".." not in step for step in steps)
    if not plain or len(steps) < 2 or steps[-2] != "batch-operations":
        return None
    return steps[-1] if ID.fullmatch(steps[-1]) else None


def status_of(data: Mapping[str, Any], retry_after: float | None = None, redact: Redact = str) -> Status:
    """The status document, whatever the case and the exact names of its members."""
    folded: dict[str, Any] = {}
    for key, value in data.items():
        folded.setdefault(key.lower(), value)
    result = folded.get("processorresult")
    result = result.strip() if isinstance(result, str) and result.strip() else None
    return Status(
        phase=_phase(folded, result),
        result=None if result is None else clean(redact(result), 200),
        processed=_first_count(folded, _PROCESSED),
        failed=_first_count(folded, _FAILED),
        message=next((clean(redact(folded[key])) for key in _MESSAGE if isinstance(folded.get(key), str)), None),
        retry_after=retry_after,
        raw=data,
    )


def _phase(folded: Mapping[str, Any], result: str | None) -> Phase:
    words = [folded.get(key) for key in ("status", "state", "statuscode")]
    spoken = [re.sub(r"[^a-z]", "", word.lower()) for word in words if isinstance(word, str) and word.strip()]
    for word in spoken:
        if word in _PHASE_OF:
            return _PHASE_OF[word]
    if spoken or any(word is not None for word in words):
        return Phase.UNRECOGNISED
    return Phase.CLAIMED if result else Phase.UNRECOGNISED


def _first_count(folded: Mapping[str, Any], names: tuple[str, ...]) -> int | None:
    return next((count for name in names if (count := count_of(folded.get(name))) is not None), None)


def count_of(value: object) -> int | None:
    """A count of orders, or None when the value is none: negative, not whole, not a number, beyond belief."""
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,10}", value.strip()):
        value = int(value)
    if isinstance(value, float) and math.isfinite(value) and value == int(value):
        value = int(value)
    usable = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _LARGEST_COUNT
    return value if usable and isinstance(value, int) else None


def names_another(data: Mapping[str, object], remote_id: str) -> bool:
    """Whether a status document says that it is about another batch."""
    ours = _plain_id(remote_id)
    said = {key.lower(): _plain_id(value) for key, value in data.items() if isinstance(value, str) and value.strip()}
    if "batchrequestid" in said:
        return said["batchrequestid"] != ours
    # Other names may number something else: only an id of the same form as ours can be another batch's.
    others = [said[name] for name in _ID_NAMES if name in said and len(said[name]) == len(ours)]
    return bool(others) and ours not in others


def _plain_id(text: str) -> str:
    """An id without what spellings of the same one differ in: case, dashes, braces."""
    return re.sub(r"[^0-9a-z]", "", text.lower())
