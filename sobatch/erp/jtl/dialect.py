"""How JTL is spoken to: one call makes the order, a second one all its lines.

Nothing here is sent or read; the calls are yielded and their answers sent in. What proves that something was made is
its id in an answer that does not contradict the order; of lines, that as many came back as were sent. After a lost
answer the order is looked for by its own ExternalNumber or Number, and its lines are read from it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sobatch.erp.exchange import Answer, Request
from sobatch.erp.jtl import lines
from sobatch.erp.jtl.answers import id_of, messages, page_of, shown, text_of
from sobatch.erp.jtl.looking import (
    PAGE,
    REFERENCES,
    Ours,
    lines_there,
    named,
    order_there,
    parted,
    path_of,
    path_of_lines,
    rows_at,
)
from sobatch.erp.jtl.settings import API_VERSION
from sobatch.erp.one_by_one import ORDER, Call, Creating, Fate, Looking, Made, Seeing, Seen
from sobatch.erp.slices import an_array
from sobatch.errors import NotAllowed

_ABOUT_ALL = {
    402: "JTL's API is not licensed for this installation.",
    412: "Check tenant_id, app_id and app_version.",
}
_ADVICE = {
    409: "JTL has something of this name already: look whether it is this order; if not, give this one another Number.",
}


class JtlDialect:
    """JTL's side of `erp.one_by_one.Dialect`."""

    # 402 and 412 are about every order, 409 is about this one
    refused = frozenset(_ABOUT_ALL) | {409}
    doubtful: frozenset[int] = frozenset()

    def __init__(
        self,
        api_version: str = API_VERSION,
        *,
        renames: bool = False,
        workflows: bool = True,
        tagged: bool = False,
    ) -> None:
        self._tagged = tagged
        self._version = {"api-version": api_version}
        self._renames = renames
        self._params = {
            **({"renameSalesOrderNumberWhenAlreadyExists": "true"} if renames else {}),
            **({} if workflows else {"disableAutomaticWorkflows": "true"}),
        }

    def create(self, order: bytes, done: Mapping[str, str]) -> Creating:
        """Make the header, then all lines that are not there yet."""
        ours, done = Ours.of(order, tagged=self._tagged), dict(done)
        if ORDER not in done:
            answer = yield self._header(ours)
            if not answer.is_yes:
                return _rejected(answer, ours)
            done[ORDER] = self._named(answer, ours) or ""
        remote_id, number = parted(done[ORDER])
        repeated = False
        while missing := sorted(set(range(len(ours.lines))) - lines.covered(done, len(ours.lines))):
            step = lines.step_name(done)
            answer = yield self._send_lines(ours, remote_id, step, missing)
            if answer.is_yes:
                done[step] = lines.kept(missing)
                continue
            rows = yield from rows_at(self._read, path_of_lines(remote_id), {})
            there = ours.lines_in(rows).there if isinstance(rows, list) else frozenset[int]()
            if there >= set(missing):
                done[step] = lines.kept(missing)
            elif answer.status == 409 and not repeated and isinstance(rows, list) and not there & set(missing):
                repeated = True  # "concurrent change": it passes
            else:
                return _half_made(answer, ours, done[ORDER], missing, rows)
        return Made(Fate.CREATED, remote_id, number, note=self._note(ours, number, done))

    def look(self, order: bytes, done: Mapping[str, str], pending: str) -> Looking:
        """Whether the header or the lines have arrived."""
        ours = Ours.of(order, tagged=self._tagged)
        if pending == ORDER:
            return (yield from order_there(self._read, ours, renames=self._renames))
        return (yield from lines_there(self._read, ours, done))

    def see(self, remote_id: str) -> Seeing:
        """How an order stands today. Delivered is what has a date of delivery."""
        answer = yield self._read(path_of(remote_id), {})
        if answer.status == 404:
            return Seen("not there", gone=True)
        data = answer.json()
        if not answer.is_yes or id_of(data) != remote_id:
            return Seen(f"cannot be told: JTL answered {answer.status}")
        shipping, payment = shown(data, "SalesOrderShippingDetail"), shown(data, "SalesOrderPaymentDetails")
        cancelled, delivered = shown(data, "IsCancelled") is True, bool(shown(shipping, "DeliveredDate"))
        states = (
            ("delivery status", shown(shipping, "DeliveryCompleteStatus")),
            ("payment status", shown(payment, "PaymentStatus")),
        )
        told = [f"{name} {text}" for name, value in states if (text := text_of(value))]
        words = ["cancelled"] * cancelled + ["delivered"] * delivered + told
        return Seen(", ".join(words) or "there", cancelled, delivered)

    # -- the calls -----------------------------------------------------------------------------------------------

    def _header(self, ours: Ours) -> Call:
        request = Request("POST", "/salesOrders", self._params, self._version, ours.header)
        return Call(request, ORDER, lambda answer: self._named(answer, ours))

    def _send_lines(self, ours: Ours, remote_id: str, step: str, which: Sequence[int]) -> Call:
        body = an_array(ours.lines[index] for index in which)
        request = Request("POST", path_of_lines(remote_id), headers=self._version, body=body)
        return Call(request, step, lambda answer: lines.kept(which) if _all_came(answer, remote_id, which) else None)

    def _read(self, path: str, params: Mapping[str, str]) -> Call:
        return Call(Request("GET", path, params, self._version))

    def _named(self, answer: Answer, ours: Ours) -> str | None:
        """The id and number of the order that an answer says was made; None when it may be about another one.

        A Number of JTL's own choice proves nothing against it where JTL may rename, or the ExternalNumber is ours.
        """
        data = answer.json()
        external = ours.said("ExternalNumber")
        known = self._renames or (external is not None and external == text_of(shown(data, "ExternalNumber")))
        return None if ours.contradicted(data, REFERENCES if known else (*REFERENCES, "Number")) else named(data)

    def _note(self, ours: Ours, number: str | None, done: Mapping[str, str]) -> str | None:
        asked, more = ours.said("Number"), lines.more_than_ours(done)
        notes = [f"JTL gave it the number {number} in place of {asked}"] * bool(asked and number and asked != number)
        notes += [f"JTL shows {more} more lines than the order has"] * bool(more)
        return "; ".join(notes) or None


def _all_came(answer: Answer, remote_id: str, which: Sequence[int]) -> bool:
    """Whether an answer shows as many lines as were sent, each of its own, and all of this order."""
    page = page_of(answer, PAGE)
    if page is None or len(page.rows) != len(which):
        return False
    ids = [each for row in page.rows if (each := id_of(row))]
    parents = {each for row in page.rows if (each := text_of(shown(row, "SalesOrderId")))}
    return len(set(ids)) == len(ids) and parents <= {remote_id} and all(isinstance(row, dict) for row in page.rows)


def _about_all(answer: Answer, ours: Ours) -> None:
    """Raise `NotAllowed` for a no that every order would get."""
    if answer.status in _ABOUT_ALL:
        words = "; ".join(said for _, said in messages(answer, ours.data))
        raise NotAllowed(
            f"JTL answered {answer.status}: {words}",
            next_step=f"{_ABOUT_ALL[answer.status]} Then run the same command again; it goes on here.",
            facts={"http_status": answer.status},
        )


def _rejected(answer: Answer, ours: Ours) -> Made:
    _about_all(answer, ours)
    return Made(Fate.REJECTED, messages=messages(answer, ours.data), note=_ADVICE.get(answer.status))


def _half_made(answer: Answer, ours: Ours, value: str, missing: Sequence[int], rows: list[Any] | str) -> Made:
    """The order is there, and of its lines JTL has refused some or all."""
    _about_all(answer, ours)
    remote_id, number = parted(value)
    if isinstance(rows, str):
        note = f"the header of the order is there; whether any of its lines are could not be read ({rows})"
    else:
        there = ours.lines_in(rows).there
        note = f"{len(there)} of {len(ours.lines)} lines are there"
        if there and (left := [str(index) for index in range(len(ours.lines)) if index not in there]):
            note += f"; missing: {', '.join(left[:20])}{', ...' if len(left) > 20 else ''} (counted from 0)"
    note += f". Add what is missing to order {number or remote_id} in JTL, or cancel it there."
    return Made(Fate.INCOMPLETE, remote_id, number, messages(answer, ours.data, missing), note)
