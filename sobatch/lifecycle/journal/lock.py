"""One sender per target, company and state folder. The kernel frees the lock when its holder dies; nothing expires."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from sobatch.core.cut.storage import Storage
from sobatch.errors import StorageFailed, Temporary
from sobatch.lifecycle.journal.rows import Identity, one_spelling


@contextmanager
def sender_lock(state: Path, identity: Identity, storage: Storage, run_hint: str) -> Iterator[None]:
    """Hold the right to send. Raises `Temporary` (exit 7) at once when another process has it.

    All work on the state folder is done while it is held, so what the disk refuses becomes `StorageFailed` here.
    """
    try:
        with _held(state, identity, storage, run_hint):
            yield
    except BrokenPipeError:
        raise
    except OSError as error:
        what = f" ({error.filename})" if error.filename else ""
        raise StorageFailed(
            f"the disk refused a write{what}: {error.strerror or error}",
            code="disk",
            next_step="Free some space or mend the disk, then look before anything is sent: sobatch status",
        ) from error


@contextmanager
def _held(state: Path, identity: Identity, storage: Storage, run_hint: str) -> Iterator[None]:
    folder = state / "locks"
    storage.folder(folder)
    name = hashlib.sha256(
        "\0".join((identity.erp, identity.address, one_spelling(identity.company))).encode()
    ).hexdigest()[:24]
    holder = folder / f"{name}.holder"
    lock = FileLock(folder / f"{name}.lock", timeout=0, mode=0o600, fallback_to_soft=False)
    try:
        lock.acquire()
    except Timeout:
        raise Temporary(
            f"another sobatch is sending to this company{_who(holder)}",
            code="locked",
            next_step="Wait until it has finished, then run the same command again; nothing was sent by this one.",
        ) from None
    except (NotImplementedError, OSError) as error:
        raise StorageFailed(
            f"the state folder {state} has no working locks ({error})",
            code="no-locks",
            next_step="Put it on a local disk: --state-dir, or SOBATCH_STATE_DIR.",
        ) from None
    try:
        _sign(holder, run_hint)
        yield
    finally:
        lock.release()


def _sign(holder: Path, run_hint: str) -> None:
    # For people only; whether the lock is held is the kernel's word.
    text = json.dumps({"pid": os.getpid(), "input": run_hint})
    descriptor = os.open(holder, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)


def _who(holder: Path) -> str:
    try:
        facts = json.loads(holder.read_text())
        return f" (process {int(facts['pid'])}, input {str(facts['input'])[-80:]})"
    except (OSError, ValueError, KeyError, TypeError):
        return ""
