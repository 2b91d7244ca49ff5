"""A part on its way to Unit4: one multipart request. The receipt is handed over from the headers of the answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO

import httpx

from sobatch.erp.ports import Clock, Notify, PartFile, Receipt, Steps
from sobatch.erp.unit4.answers import receipt_of
from sobatch.erp.wire.post import Letter, Post
from sobatch.erp.wire.redactor import Redactor
from sobatch.erp.wire.rulings import Verdict
from sobatch.errors import StorageFailed

# "API call timeout 220 s" is the vendor's own limit once the upload is in; the rest is for slow lines.
WHOLE_SEND_SECONDS = 900.0


@dataclass(frozen=True, slots=True)
class Envelope:
    """Where a part goes, and under which name."""

    url: str
    base_url: str
    params: Mapping[str, str]
    part_name: str
    headers: Mapping[str, str]


class Sender:
    """Sends parts, one request each."""

    def __init__(
        self, client: httpx.Client, clock: Clock, redact: Redactor, *, seconds: float = WHOLE_SEND_SECONDS
    ) -> None:
        self._post = Post(client, clock, redact, seconds=seconds)
        self._redact = redact

    def send(self, part: PartFile, envelope: Envelope, steps: Steps, notify: Notify) -> tuple[Receipt, httpx.Headers]:
        """Send a part. Raises a `SendError`, or `NotAllowed` or `StorageFailed` while nothing was sent yet."""
        with (
            _opened(part) as file,
            self._post.sent(_letter(part, envelope), file, part.size, notify) as came,
        ):
            if came.ruling is not Verdict.ACCEPTED:
                raise came.no()
            receipt = receipt_of(came.response, envelope.base_url, self._redact)
            if receipt.remote_id is None and came.response.status_code != 201:
                raise came.no(" without naming a batch")
            steps.acknowledged(receipt)
            came.drain()
            return receipt, came.response.headers


def _letter(part: PartFile, envelope: Envelope) -> Letter:
    kind = "application/gzip" if part.file_name.endswith(".gz") else "application/json"
    return Letter(
        envelope.url,
        envelope.headers,
        lambda body: {"files": {envelope.part_name: (part.file_name, body, kind)}},
        envelope.params,
    )


def _opened(part: PartFile) -> IO[bytes]:
    try:
        return part.open()
    except OSError as error:
        raise StorageFailed(
            f"the staged part {part.path} cannot be read: {error.strerror or error}; nothing was sent",
            next_step="Bring the state folder back as it was, then look at the run: sobatch status",
        ) from error
