"""The error family. Each class owns the exit code a command ends with; only `cli/main.py` turns one into the other.

    SobatchError
    |- Defect              1    a fault of sobatch itself
    |- UsageError          2    the command or its configuration is wrong
    |- InputError          3    the input is at fault, nothing was sent
    |- NotAllowed          6    401, 403, TLS, a redirect on a read
    |- Temporary           7    network, server, or another run holds the lock; nothing is in doubt
    |- TimeUp              7    the time given with `--timeout` is over, before the first send
    |- StillRunning        8    the wait ended before the remote work did
    |- OutcomeUnknown     10    sent, never acknowledged
    |- AlreadySubmitted   11    this content was submitted before
    |- StorageFailed      12    local storage failed, or the counts do not add up
    |- RemoteFailed        5    a definite no to the whole call (400, 404, 405, 413, 415, 422)
    `- Interrupted   129/130/143    a signal; the state is saved

A bad order is a value (`core.spec.Problem`), never an exception: one bad order must not stop the others.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar


class SobatchError(Exception):
    """What went wrong, where, and what to do next, with the exit code of DESIGN.md section 8.

    `code` is a short stable word for programs; `next_step` is a sentence or a command ready to paste;
    `facts` are extra members for the JSON form (positions, ids), never secrets.
    """

    exit_code: ClassVar[int] = 1
    kind: ClassVar[str] = "defect"

    def __init__(
        self,
        message: str,
        *,
        next_step: str | None = None,
        code: str | None = None,
        facts: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.next_step = next_step
        self.code = code
        self.facts = dict(facts or {})


class Defect(SobatchError):
    """sobatch itself is at fault."""


class UsageError(SobatchError):
    """The command line or the configuration cannot be carried out as given."""

    exit_code = 2
    kind = "usage"


class InputError(SobatchError):
    """The input as a whole cannot be used; nothing was sent."""

    exit_code = 3
    kind = "input"


class RemoteFailed(SobatchError):
    """The ERP said a definite no to a whole call, or its job failed."""

    exit_code = 5
    kind = "remote"


class NotAllowed(SobatchError):
    """Access was refused: 401, 403, a TLS failure, a redirect on a read."""

    exit_code = 6
    kind = "access"


class Temporary(SobatchError):
    """A condition that passes: network, server, a held lock. Nothing is in doubt."""

    exit_code = 7
    kind = "temporary"


class TimeUp(SobatchError):
    """The time given with `--timeout` is over. Before the first send it stands for itself; later the state of the run
    says more (`StillRunning`, `OutcomeUnknown`)."""

    exit_code = 7
    kind = "temporary"


class StillRunning(SobatchError):
    """The wait ended before the remote work did; the same command re-attaches."""

    exit_code = 8
    kind = "running"


class OutcomeUnknown(SobatchError):
    """A part was sent and never acknowledged; a person or a later look decides."""

    exit_code = 10
    kind = "unknown"


class AlreadySubmitted(SobatchError):
    """The same content was submitted before."""

    exit_code = 11
    kind = "duplicate"


class StorageFailed(SobatchError):
    """Local storage failed, or the ledger does not add up."""

    exit_code = 12
    kind = "storage"


class Interrupted(SobatchError):
    """A signal asked for the end; what was in flight is finished and saved."""

    kind = "interrupted"

    def __init__(self, signal_number: int, message: str, *, next_step: str | None = None) -> None:
        super().__init__(message, next_step=next_step, facts={"signal": signal_number})
        self.signal_number = signal_number


_RUN = "run "


def name_run(error: Exception, run: str) -> None:
    """Let an error of any kind name the run that exists by now; the innermost word stands."""
    if isinstance(error, SobatchError):
        error.facts.setdefault("run", run)
    else:
        error.add_note(_RUN + run)


def run_named(error: Exception) -> str | None:
    """The run that an error, which need not be of this family, was told of."""
    notes: list[str] = getattr(error, "__notes__", [])
    return next((note.removeprefix(_RUN) for note in notes if note.startswith(_RUN)), None)


def exit_code_of(error: SobatchError) -> int:
    """The process exit code for an error: the class's own, or 128 + signal for `Interrupted`."""
    return 128 + error.signal_number if isinstance(error, Interrupted) else error.exit_code


# Several outcomes at once: the worst wins, in this order (DESIGN.md section 8, with the codes it leaves out).
_WORST_FIRST = (1, 143, 130, 129, 12, 10, 6, 7, 2, 3, 11, 9, 8, 5, 4, 0)


def worst(codes: list[int]) -> int:
    """The exit code that stands for several."""
    return next((code for code in _WORST_FIRST if code in codes), 0)
