"""Storage that fails here while a part is sent: nothing is taken for unsent that may have arrived."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from lifecycle_bench import Bench, order, prints

from sobatch.erp.ports import Receipt
from sobatch.erp.unit4.sending import Sender
from sobatch.errors import StorageFailed
from sobatch.lifecycle.journal.moves import Journal

RAW = [order(number) for number in range(2)]


class Deaf:
    """Steps that keep nothing: the answer never reached the journal."""

    def acknowledged(self, receipt: Receipt) -> None:
        """Forget it."""

    def recorded(self) -> Mapping[str, str]:
        """Nothing."""
        return {}

    def begin(self, step: str) -> None:
        """Forget it."""

    def done(self, step: str, value: str) -> None:
        """Forget it."""

    def refused(self, step: str, words: str) -> None:
        """Forget it."""


@pytest.mark.parametrize("heard", [False, True])
def test_storage_that_fails_after_bytes_went_out_leaves_a_doubt(bench: Callable[..., Bench], heard: bool) -> None:
    made = bench(list_enabled=False)
    real = Sender.send

    def broken(self: Sender, part: Any, letter: Any, steps: Any, notify: Any) -> Any:
        real(self, part, letter, steps if heard else Deaf(), notify)
        raise StorageFailed("the staged part cannot be read")

    name = made.file(RAW)
    with made.patch.context() as patch:
        patch.setattr(Sender, "send", broken)
        assert made("submit", name).code == 12
    assert made.posts() == 1
    again = made("submit", name)
    assert again.code == (0 if heard else 10), again.err
    if not heard:
        digest = again.run["parts"][0]["sha256"][:8]
        (batch,) = made.erp.batches()
        assert made("resolve", again.run["run"], "1", "--accepted", batch.id, "--confirm", digest).code == 0
        assert made("submit", name).code == 0
    assert made.posts() == 1 and made.created() == prints(RAW)


@pytest.mark.parametrize(("failures", "code"), [(1, 0), (2, 12)])
def test_a_receipt_that_the_journal_cannot_keep_is_spoken(
    bench: Callable[..., Bench], failures: int, code: int
) -> None:
    """The room held back may make place for it; else the last words tell the id and the command that takes it over."""
    made = bench(list_enabled=False)
    real, left = Journal.accept, [StorageFailed("the disk is full")] * failures

    def full(self: Journal, *arguments: Any, **options: Any) -> None:
        if left:
            raise left.pop()
        real(self, *arguments, **options)

    name = made.file(RAW)
    with made.patch.context() as patch:
        patch.setattr(Journal, "accept", full)
        told = made("submit", name)
    assert told.code == code, told.err
    if code:
        (batch,) = made.erp.batches()
        assert told.error["code"] == "receipt-not-kept" and f"ACCEPTED as {batch.id}" in told.error["message"]
        (run, number) = made.ask("SELECT run, number FROM part")[0]
        assert f"{run} {number} --accepted {batch.id}" in told.error["next_step"]
        digest = made.ask("SELECT substr(sha256, 1, 8) FROM part")[0][0]
        assert made("resolve", run, str(number), "--accepted", batch.id, "--confirm", digest).code == 0
        assert made("submit", name).code == 0
    assert made.posts() == 1 and made.created() == prints(RAW)


class Died(BaseException):
    """The process is no more."""


def test_what_a_dead_process_was_sending_is_unknown(bench: Callable[..., Bench]) -> None:
    made = bench(list_enabled=False)

    def dying(self: Sender, part: Any, letter: Any, steps: Any, notify: Any) -> Any:
        raise Died

    name = made.file(RAW)
    with made.patch.context() as patch, pytest.raises(Died):
        patch.setattr(Sender, "send", dying)
        made("submit", name)
    assert made.ask("SELECT state FROM part") == [("sending",)]
    again = made("submit", name)
    assert again.code == 10 and made.posts() == 0, again.err
    (attempt,) = made.ask("SELECT state, message FROM attempt")
    assert attempt == ("unknown", "the sending process ended before an answer was recorded")
    digest = again.run["parts"][0]["sha256"][:8]
    assert made("resolve", again.run["run"], "1", "--not-received", "--confirm", digest).code == 0
    assert made("submit", name).code == 0 and made.created() == prints(RAW)


def test_a_second_sender_is_told_who_sends(bench: Callable[..., Bench]) -> None:
    made = bench()
    name = made.file(RAW)
    real = Sender.send
    second: list[Any] = []

    def beside(self: Sender, *arguments: Any) -> Any:
        second.append(made("submit", name))
        return real(self, *arguments)

    with made.patch.context() as patch:
        patch.setattr(Sender, "send", beside)
        assert made("submit", name).code == 0
    assert [each.code for each in second] == [7]
    assert f"another sobatch is sending to this company (process {os.getpid()}, input " in second[0].err
    assert name[-40:] in second[0].err and made.posts() == 1
