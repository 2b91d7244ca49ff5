"""MYOB EXO's own validation, `POST /salesorder/validate`: what it says of an order that is sent there to be looked at.

It stores nothing, so a lost answer is simply asked for again. A bare 500 is its answer to over-long text too: it is
told of the order that had it twice, unless order after order gets it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sobatch.core.order.spec import Finding
from sobatch.erp.exchange import Answer, Request, small
from sobatch.erp.myob_exo.changes import changes
from sobatch.erp.myob_exo.codes import finding
from sobatch.erp.myob_exo.dialect import same
from sobatch.erp.myob_exo.words import messages
from sobatch.erp.ports import Clock, InDoubt, NotSent
from sobatch.erp.wire.caller import Caller
from sobatch.errors import NotAllowed, RemoteFailed, Temporary

_WAITS = (1.0, 2.0, 4.0, 8.0)
_PASSING = (408, 425, 429, 502, 503, 504)
_NO_SUCH_PLACE = (404, 405)
_MOST_FAILURES = 3
_LONGEST = 500
_HINT = "Correct the order as it says, or ask whoever keeps the ERP's data."


class Validation:
    """`erp.online.OnlineCheck`."""

    def __init__(self, line: Caller, clock: Clock) -> None:
        self._line = line
        self._clock = clock
        self._failures = 0

    @property
    def address(self) -> str:
        """The base address that orders go to."""
        return self._line.address

    def examine(self, order: bytes) -> Sequence[Finding]:
        """What it says of one order."""
        answer = self._asked(Request("POST", "/salesorder/validate", body=order))
        self._failures = self._failures + 1 if answer.status >= 500 else 0
        if self._failures >= _MOST_FAILURES:
            raise Temporary(
                f"the ERP's validation failed on {self._failures} orders in a row (status {answer.status})",
                next_step="Try again later, or leave out --online.",
            )
        if answer.status >= 500:
            words = f"The ERP failed on this order (status {answer.status}), as it does on text that is too long."
            return [finding("SO-730", "", words, "Shorten what is long, or ask whoever keeps the ERP.")]
        ours, completed = small(json.loads(order)), small(answer.json())
        if answer.status != 200 or isinstance(completed, list):
            return [self._refused(pointer, words) for pointer, words in messages(answer, ours)]
        if not isinstance(completed, dict) or not same(ours, completed):
            return [finding("SO-730", "", "The ERP's answer is not this order, completed.", _HINT)]
        return self._changed(ours, completed)

    def close(self) -> None:
        """Release connections."""
        self._line.close()

    def _refused(self, pointer: str, words: str) -> Finding:
        return finding("SO-730", pointer.lower(), self._line.redacted(words[:_LONGEST]), _HINT)

    def _changed(self, ours: Any, completed: Any) -> list[Finding]:
        words = changes(ours, completed)
        if words is None:
            return []
        told = self._line.redacted(words[:_LONGEST]).removeprefix("the server's validation changed ")
        hint = "With validate_first the completed order is sent, else yours."
        said = f"The ERP's own validation completes the order otherwise than it says: {told}."
        return [finding("SO-731", "", said, hint)]

    def _asked(self, request: Request) -> Answer:
        """The answer, asked for again while that may help. Raises what concerns all orders alike."""
        why = ""
        for tried, wait in enumerate((0.0, *_WAITS)):
            if wait:
                self._clock.sleep(wait)
            try:
                answer = self._line.exchange(request)
            except (NotSent, InDoubt) as error:
                why = error.message
                continue
            if answer.status in (401, 403):
                raise NotAllowed(
                    f"the ERP's validation refused access (status {answer.status})",
                    next_step="Check username, password, api_key and access_token.",
                )
            if answer.status < 200 or 300 <= answer.status < 400 or answer.status in _NO_SUCH_PLACE:
                raise RemoteFailed(f"there is no validation at {self.address} (status {answer.status})")
            if answer.status not in _PASSING and (answer.status < 500 or tried):
                return answer
            why = f"status {answer.status}"
        raise Temporary(f"the ERP's validation cannot be reached: {why}", next_step="Try again later.")
