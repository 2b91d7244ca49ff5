"""What was submitted before: the same content, whose company and key it stands under, and orders created earlier."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sobatch.errors import AlreadySubmitted, OutcomeUnknown, SobatchError
from sobatch.lifecycle.events import Listen, Said
from sobatch.lifecycle.journal.moves import Journal
from sobatch.lifecycle.journal.rows import Earlier, Identity, RunRow, one_spelling

_WORDS = {"number": "order number", "external": "external id", "reference": "reference", "content": "content"}
_REPEAT = "A wanted repeat needs --run-key NAME (such as the week), or --allow-duplicate."


@dataclass(frozen=True, slots=True)
class Before:
    """One look at the journal before a plan becomes real. `ask` puts a yes-or-no question; without a terminal no."""

    journal: Journal
    identity: Identity
    allow_duplicate: bool
    ask: Callable[[str], bool]
    listen: Listen

    def recognised(self, content: str, stored: str) -> RunRow | None:
        """The run that has this content already: an open one always, a closed one unless a repeat is wanted, or nothing
        of it was created and this is another file: what was left of a cancelled run is there to be sent."""
        for row in self.journal.same_content(self.identity, content):
            if row.state == "open":
                return row
            if self.allow_duplicate or not self.journal.ever_accepted(row.id):
                continue
            ledger = self.journal.ledger(row.id)
            if row.stored == stored or ledger.not_created + ledger.set_aside < ledger.read:
                return row
        return None

    def open_beside(self, content: str) -> list[RunRow]:
        """Open runs of the same content and company under another run key or another spelling of the company."""
        return [row for row in self._others(content) if row.state == "open" and self._alike(row.company)]

    def mind_content(self, content: str) -> None:
        """Refuse the content beside a run of it that is open or in doubt, after one that was pruned, and, unless it is
        wanted, for another spelling of a company that has it."""
        for row in self._others(content):
            if self._alike(row.company):
                self._mind_beside(row)
        self._mind_forgotten(content)
        if self.allow_duplicate or self.identity.run_key:
            return
        for row in self._others(content):
            ledger = self.journal.ledger(row.id)
            free = ledger.set_aside + ledger.not_created + ledger.rejected
            if row.company != self.identity.company and free < ledger.read:
                self._mind_spelling(row.company, row.id)

    def mind_orders(self, run: str, orders: int) -> None:
        """Orders with the own number or external id of orders created before are refused; a shared reference or equal
        content is only counted."""
        if self.allow_duplicate or self.identity.run_key:
            return
        for by in ("reference", "content"):
            count, first = self.journal.created_before(run, self.identity, by)
            if count:
                some = f"{count:,} order{'s have' if count != 1 else ' has'} the {_WORDS[by]} of orders created before."
                self.listen(Said(f"{some} {_sentence(first[0])}", True))
        found = [self.journal.created_before(run, self.identity, by) for by in ("number", "external")]
        count, keyed = sum(number for number, _ in found), [each for _, some in found for each in some]
        if count and not self.ask(f"{count:,} orders of this file were created before. Send them AGAIN?"):
            told = [_sentence(one) for one in keyed]
            told += [f"... and {count - len(told):,} more"] if count > len(told) else []
            raise AlreadySubmitted(
                f"{count:,} of {orders:,} orders were created before; nothing was sent\n"
                + "\n".join(f"  {line}" for line in told),
                code="orders-created-before",
                next_step="Take these orders out of the file, or send them again on purpose with --allow-duplicate.",
                facts={"orders": [_plain(earlier) for earlier in keyed], "count": count},
            )

    def _others(self, content: str) -> list[RunRow]:
        """Runs of this content at the same address that are not of this very identity."""
        rows = self.journal.content_at(self.identity, content)
        mine = (self.identity.company, self.identity.run_key)
        near = [row for row in rows if (row.company, row.run_key) != mine]
        return [row for row in near if self._alike(row.company) or "" in (row.company, self.identity.company)]

    def _alike(self, company: str) -> bool:
        return one_spelling(company) == one_spelling(self.identity.company)

    def _mind_beside(self, row: RunRow) -> None:
        doubtful = self.journal.ledger(row.id).unknown > 0
        if row.state == "closed" and (not doubtful or self.allow_duplicate):
            return
        kind: type[SobatchError] = OutcomeUnknown if doubtful else AlreadySubmitted
        under = f"--run-key {row.run_key}" if row.run_key else "no --run-key"
        raise kind(
            f"the same content is run {row.id} (company {row.company or 'default'}, {under}), "
            + ("of which a part is unknown" if doubtful else "which is still open")
            + "; nothing was sent beside it",
            code="beside-unknown" if doubtful else "beside-open",
            next_step=f"Bring that run to its end first: sobatch status {row.id}",
            facts={"run": row.id},
        )

    def _mind_forgotten(self, content: str) -> None:
        if self.allow_duplicate:
            return
        for forgotten in self.journal.forgotten(self.identity, content):
            if self._alike(forgotten.company) and forgotten.run_key == self.identity.run_key:
                raise AlreadySubmitted(
                    f"the same content was submitted before, as run {forgotten.run}, which was pruned since",
                    code="already-submitted",
                    next_step=_REPEAT,
                )
            if not self.identity.run_key and "" in (forgotten.company, self.identity.company):
                self._mind_spelling(forgotten.company, forgotten.run)

    def _mind_spelling(self, company: str, run: str) -> None:
        here, there = (
            f"company {name}" if name else "the default company" for name in (self.identity.company, company)
        )
        if not self.ask(
            f"This content was sent to {there} as run {run}. Is {here} another company? Send it there too?"
        ):
            raise AlreadySubmitted(
                f"the same content was submitted for {there}, as run {run}; {here} may be the same one, "
                "so nothing was sent",
                code="another-spelling",
                next_step=f"See it with: sobatch status {run}   {_REPEAT}",
                facts={"run": run},
            )


def _sentence(earlier: Earlier) -> str:
    number = f" as order {earlier.remote_number}" if earlier.remote_number else ""
    fate = "was created" if earlier.state == "created" else "may have been created"
    which = "one of its orders" if earlier.other_idx is None else f"its order {earlier.other_idx}"
    return (
        f"Order {earlier.idx} (line {earlier.line}) {fate}{number} by run {earlier.run}: the same {_WORDS[earlier.by]} "
        f"as {which}."
    )


def _plain(earlier: Earlier) -> dict[str, Any]:
    """The facts of an earlier order as plain data."""
    return {name: getattr(earlier, name) for name in Earlier.__slots__}
