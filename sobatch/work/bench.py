"""What a command may ask for, built on demand: an offline command imports no HTTP library and opens no journal."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TextIO, cast

from sobatch import __version__
from sobatch.config.load import cache_folder, from_process, terminal_facts
from sobatch.config.profile import Profile
from sobatch.core.cut.storage import Disk
from sobatch.core.order.limits import Limits
from sobatch.core.order.setting import Mode, mode_of
from sobatch.core.order.spec import Policy, Severity, Spec
from sobatch.core.read.source import Source, open_sources
from sobatch.erp import api_of, spec_of
from sobatch.errors import StorageFailed, UsageError
from sobatch.show.human import Style, say_warning, style_for
from sobatch.work.connecting import connection, differing, options_of, shown
from sobatch.work.declared import declared
from sobatch.work.next_step import as_flags, with_setting
from sobatch.work.signals import PROCESS, RealClock, Signals

if TYPE_CHECKING:
    from sobatch.erp.ports import Target
    from sobatch.lifecycle.events import Listen
    from sobatch.lifecycle.journal.moves import Journal
    from sobatch.lifecycle.journal.rows import Identity, RunRow
    from sobatch.lifecycle.mark import Marks
    from sobatch.lifecycle.session import Pace, Session
    from sobatch.show.progress import Watcher


@dataclass(slots=True)
class Look:
    """How to show things: progress mode, colour choice, quiet."""

    progress: str = "auto"
    color: str = "auto"
    quiet: bool = False


@dataclass
class Services:
    """One command's services. `flags` are the options as given; what was not given is absent."""

    flags: Mapping[str, object]
    look: Look = field(default_factory=Look)
    signals: Signals = PROCESS

    @cached_property
    def profile(self) -> Profile:
        """The settings, understood. Raises `UsageError`."""
        profile = from_process(self.flags, declared())
        for warning in profile.warnings:
            say_warning(self.err, warning, self.err_style)
        return profile

    @property
    def out(self) -> TextIO:
        """Where the answer goes."""
        return sys.stdout

    @property
    def err(self) -> TextIO:
        """Where progress, hints and errors go."""
        return sys.stderr

    @cached_property
    def out_style(self) -> Style:
        """Colour for the answer."""
        return style_for(self.out, self.look.color, terminal_facts())

    @cached_property
    def err_style(self) -> Style:
        """Colour for the rest."""
        return style_for(self.err, self.look.color, terminal_facts())

    @cached_property
    def spec(self) -> Spec:
        """The ERP's declaration of an order."""
        return spec_of(self.profile.erp)

    @cached_property
    def limits(self) -> Limits:
        """The limits in force."""
        return self.limits_for({})

    def limits_for(self, settings: Mapping[str, Any]) -> Limits:
        """The limits that would be in force with these settings."""
        return self.spec.limits({**options_of(self.profile), **settings})

    @property
    def mode(self) -> Mode | None:
        """The ERP's mode in force, None where it has only one."""
        return mode_of(self.spec.modes, self.profile.own)

    @property
    def modes_asked(self) -> Sequence[Mode]:
        """The modes to show side by side: all, or the one that a flag has chosen; one without a name where none is."""
        modes, origin = self.spec.modes, self.profile.origin
        asked = any(origin[name].startswith("flag") for mode in modes for name in mode.settings)
        one = self.mode or Mode("", "")
        return (one,) if asked or not modes else modes

    def policy(self, *, strict: bool, ignore: Sequence[str]) -> Policy:
        """Severities: the profile's, then `--ignore`, then `--strict`."""
        chosen = {code: None if word == "ignore" else Severity(word) for code, word in self.profile.severity.items()}
        chosen.update(dict.fromkeys(ignore))
        return Policy(strict, chosen)

    def sources(self, names: Sequence[str]) -> list[Source]:
        """The inputs. Without a name and with a terminal on standard input there is nothing to read."""
        if "-" in names and sys.stdin is not None and sys.stdin.isatty():
            raise UsageError("standard input is a terminal", next_step="Name a file, or pipe one in.")
        return open_sources(names, lambda: cast(BinaryIO, sys.stdin.buffer))

    def watcher(self) -> Watcher:
        """Shows progress on standard error."""
        from sobatch.show.progress import watcher

        terminal = self.err.isatty() and terminal_facts().get("TERM") != "dumb"
        return watcher(self.look.progress, self.err, self.err_style, quiet=self.look.quiet, terminal=terminal)

    @property
    def place_flags(self) -> str:
        """The options that say where the runs live, for the next command to repeat."""
        return as_flags(self.flags)

    @property
    def erp_flags(self) -> str:
        """The options that say what an order is, for the next command offline to repeat."""
        return as_flags({name: self.flags.get(name) for name in ("erp", "set", "sandbox")})

    def place_flags_for(self, company: str | None) -> str:
        """The same for a run of this company (None: the user's default), whatever the environment will say then."""
        row = self.profile.identity
        if row is None:
            return as_flags(self.flags)
        named = None if company is None and self.profile.sandbox else company or "default"
        return as_flags(with_setting(self.flags, row, named))

    def for_company(self, company: str) -> Services:
        """These services for another company ('' is the user's default)."""
        other = Services(self.flags, self.look, self.signals)
        other.profile = self.profile.for_company(company)
        return other

    @cached_property
    def state(self) -> Path:
        """The state folder, private from creation."""
        folder = self.profile.state_dir
        if self.profile.sandbox:
            folder = folder / "sandbox"
        try:
            Disk().folder(folder)
        except OSError as error:
            raise StorageFailed(
                f"the state folder {folder} cannot be made: {error.strerror}",
                next_step="Choose another with --state-dir or SOBATCH_STATE_DIR.",
            ) from error
        return folder

    @property
    def marks(self) -> Marks:
        """Where the journal's mark is kept beside the state folder; nowhere for the sandbox."""
        from sobatch.lifecycle.mark import Marks

        kept = None if self.profile.sandbox else cache_folder()
        return Marks(kept and kept / "marks", Disk())

    @contextmanager
    def journal(self) -> Iterator[Journal]:
        """The journal, opened and closed."""
        import sqlite3

        from sobatch.lifecycle.journal.opening import open_journal
        from sobatch.lifecycle.journal.plans import failed

        journal = open_journal(self.state, time.time)
        journal.heed(lambda: self.signals.asked)
        try:
            yield journal
        except sqlite3.Error as error:
            self.signals.stop()
            raise failed(error, "could not be read") from error
        finally:
            journal.close()

    @cached_property
    def clock(self) -> RealClock:
        """The real clock."""
        return RealClock(self.signals)

    @contextmanager
    def target(self, listen: Listen | None = None) -> Iterator[Target]:
        """The ERP, ready to talk; what it announces by the way goes to `listen`. Imports the HTTP library."""
        from sobatch.lifecycle.events import Said, silent

        with self.transport() as transport:
            build = cast(Any, api_of(self.profile.erp)).build
            tell = listen or silent
            made = connection(self.profile, transport, lambda words: tell(Said(words, True)))
            target = cast("Target", build(made, self.clock))
            try:
                yield target
            finally:
                target.close()

    @contextmanager
    def transport(self) -> Iterator[Any]:
        """None for the network; for the sandbox the pretend ERP, in this process, its state on disk."""
        if not self.profile.sandbox:
            yield None
            return
        import httpx

        from sobatch.sandbox.worlds import WORLDS

        name = self.spec.sandbox
        with WORLDS[name].open(self.state / f"{name}.sqlite", WORLDS[name].quick) as world:
            yield httpx.WSGITransport(app=world)

    @property
    def company(self) -> str:
        """Whose orders these are, '' for the user's default."""
        return self.profile.company

    def identity(self, run_key: str | None = None) -> Identity:
        """Whose run this is."""
        from sobatch.lifecycle.journal.rows import Identity

        return Identity(self.profile.erp, str(self.profile.base_url or ""), self.company, run_key or "")

    @contextmanager
    def session(self, listen: Listen) -> Iterator[Session]:
        """Journal and target together."""
        from sobatch.lifecycle.session import Session

        with self.signals.watched(), self.signals.held(), self.journal() as journal, self.target(listen) as target:
            stop = self.signals.stop
            yield Session(
                journal,
                Disk(),
                target,
                self.clock,
                self.spec,
                self.state,
                listen,
                stop,
                self.marks,
                self._as_begun,
                ends=lambda: self.signals.ending,
            )

    @contextmanager
    def _as_begun(self, session: Session, run: RunRow) -> Iterator[Session]:
        from sobatch.lifecycle.events import Said

        begun = differing(self.profile, run.id, run.settings)
        if not begun:
            yield session
            return
        for name, value in begun.items():
            session.listen(Said(f"Run {run.id} goes on as it was begun, with {name} = {shown(value)}.", True))
        other = Services(self.flags, self.look, self.signals)
        other.profile = self.profile.having(begun)
        with other.target(session.listen) as target:
            yield replace(session, target=target)

    @property
    def pace(self) -> Pace:
        """How patient to be, from the profile."""
        from sobatch.lifecycle.session import Pace

        profile = self.profile
        interval = profile.poll_interval
        if interval is None and profile.sandbox:
            interval = 0.25
        return Pace(
            in_flight=profile.in_flight or 1,
            timeout=profile.timeout,
            poll_interval=interval,
            settle=min(profile.settle, 1.0) if profile.sandbox else profile.settle,  # it says the end when it is
            resend_not_listed=profile.resend_not_listed,
            retry_throttled=profile.retry_429,
        )

    @property
    def version(self) -> str:
        """sobatch's own version."""
        return __version__
