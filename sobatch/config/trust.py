"""Whether a configuration file may be believed: it names the server that gets the orders, and commands that are run.

So nobody but the user, or root, may be able to write one that is picked up by itself.
"""

from __future__ import annotations

import os
import shlex
import stat
from pathlib import Path

from sobatch.errors import UsageError


def trusted(path: Path, found: os.stat_result, *, named: bool) -> str | None:
    """Refuse a file that a stranger may have written; a sentence for the user when it is only its group that may.

    `found` is of the opened file. One that was `named` on purpose may belong to anybody. Where the system knows no such
    rights, every file passes.
    """
    if not hasattr(os, "getuid") or stat.S_ISCHR(found.st_mode):
        return None
    mode, shown = stat.S_IMODE(found.st_mode), shlex.quote(str(path))
    if mode & stat.S_IWOTH:
        raise UsageError(
            f"{path} can be written by everybody (mode {mode:04o}): anyone may have put another server into it, "
            "or a command to be run; nothing in it was used",
            code="untrusted-file",
            next_step=f"Read it, then run: chmod o-w {shown}",
        )
    if named:
        return None
    if found.st_uid not in (os.getuid(), 0):
        raise UsageError(
            f"{path} belongs to another user ({found.st_uid}), neither to you nor to root; nothing in it was used",
            code="untrusted-file",
            next_step=f"Read it, then make it yours (chown), or name it on purpose: --config {shown}",
        )
    if mode & stat.S_IWGRP:
        return f"{path} can be written by its group (mode {mode:04o}); if it need not be: chmod g-w {shown}"
    return None
