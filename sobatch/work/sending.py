"""The work of `sobatch submit`: each file becomes a run of its own, one after the other."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from sobatch.core.check.sources import writable
from sobatch.core.read.source import Source
from sobatch.errors import (
    AlreadySubmitted,
    InputError,
    Interrupted,
    SobatchError,
    StorageFailed,
    UsageError,
    exit_code_of,
)
from sobatch.show.human import agreed
from sobatch.work.bench import Services
from sobatch.work.connecting import on_the_wire
from sobatch.work.next_step import ready
from sobatch.work.recognising import looks_like, sentence

if TYPE_CHECKING:
    from sobatch.lifecycle.session import Session
    from sobatch.lifecycle.submit import Submitted, Wish


@dataclass(frozen=True, slots=True)
class Asked:
    """What the user asked for beyond the settings."""

    run_key: str | None
    wait: bool
    dry_run: bool
    set_aside_invalid: bool
    allow_duplicate: bool
    yes: bool
    strict: bool
    ignore: Sequence[str]
    max_order: int


@dataclass(slots=True)
class Outcome:
    """What came of one file."""

    source: Source
    code: int
    facts: dict[str, Any]
    error: SobatchError | None = None


@dataclass(slots=True)
class Sender:
    """Sends files."""

    services: Services
    asked: Asked
    outcomes: list[Outcome] = field(default_factory=list)

    def send_all(self, files: list[str]) -> list[Outcome]:
        """Every file is a run of its own; what would make the next send unsafe or pointless ends the row."""
        services = self.services
        services.signals.arm(services.profile.timeout)
        sources = services.sources(files)
        self._mind_company()
        watcher = services.watcher()
        try:
            with services.session(watcher) as session:
                wish = self._wish(session)
                while len(self.outcomes) < len(sources) and not self._stopped():
                    self.outcomes.append(self._send(session, sources[len(self.outcomes)], wish))
        finally:
            watcher.close()
        rest = sources[len(self.outcomes) :]
        return self.outcomes + [Outcome(each, 0, {"input": each.name, "not_started": True}) for each in rest]

    def _stopped(self) -> bool:
        error = self.outcomes[-1].error if self.outcomes else None
        return error is not None and not isinstance(error, InputError | AlreadySubmitted)

    def _mind_company(self) -> None:
        profile, row = self.services.profile, self.services.profile.identity
        if row is None or profile[row.name] is not None or self.asked.dry_run or self.asked.yes:
            return
        whose, flag = row.name.removesuffix("_id"), f"--{row.name.replace('_', '-')}"
        way = f"{flag} NAME" if row.flag else f"--set {row.name}=NAME"
        if not _interactive():
            way += f"; {flag} default is the user's own." if row.flag else "."
            raise UsageError(f"no {whose} is named", next_step=f"Add {way}")
        address = profile.base_url or "the ERP"
        if not _agreed(f"No {whose} is named: {address} will use the user's default {whose}. Go on?"):
            raise UsageError(
                "stopped before anything was read", next_step=f"Name the {whose} with {way.removesuffix(' NAME')}."
            )

    def _wish(self, session: Session) -> Wish:
        from sobatch.lifecycle.submit import Wish, with_learnt_rows

        services, asked = self.services, self.asked
        identity = services.identity(asked.run_key)
        profile = services.profile
        limits, mode = services.limits, services.mode.name if services.mode is not None else ""
        ratio = session.journal.learnt_ratio(identity, mode)
        return Wish(
            identity=identity,
            limits=with_learnt_rows(limits, ratio),
            policy=services.policy(strict=asked.strict, ignore=asked.ignore),
            pace=replace(services.pace, wait=asked.wait),
            settings={
                "profile": profile.name,
                **on_the_wire(profile),
                "headroom": limits.headroom,
                "max_lines": limits.max_lines,
                "max_rows": limits.max_rows,
                "max_bytes": limits.max_bytes,
            },
            version=services.version,
            set_aside_invalid=asked.set_aside_invalid,
            allow_duplicate=asked.allow_duplicate,
            dry_run=asked.dry_run,
            max_order=asked.max_order,
            ask=self._ask,
        )

    def _ask(self, question: str) -> bool:
        return not self.asked.yes and _interactive() and _agreed(question)

    def _send(self, session: Session, source: Source, wish: Wish) -> Outcome:
        from sobatch.lifecycle.submit import submit

        before = {run.id for run in session.journal.runs()}
        try:
            done = submit(session, source, wish)
        except SobatchError as error:
            return self._failed(session, source, error, before)
        if done.run is None:
            return Outcome(source, 0, _plan(source, done))
        told = self._told(session, done.run.id, source)
        return Outcome(source, done.exit_code or 0, {**told, "submitted_before": done.known, "error": None})

    def _failed(self, session: Session, source: Source, error: SobatchError, before: set[str]) -> Outcome:
        from sobatch.lifecycle.submit import InvalidOrders
        from sobatch.show.envelope import error_facts
        from sobatch.show.prose.problems import problem_facts

        facts: dict[str, Any] = self._as_far_as_known(session, source, error, before) or {"input": source.name}
        if error.next_step:
            services = self.services
            flags = services.place_flags_for(facts["company"]) if "company" in facts else services.place_flags
            error.next_step = ready(error.next_step, flags)
        if isinstance(error, Interrupted) and facts.get("next"):
            error.next_step = facts["next"][0]
        if isinstance(error, InvalidOrders):
            other = looks_like(source, self.services.profile.erp) if source.path is not None else None
            error.next_step = error.next_step if other is None else f"{sentence(other).capitalize()}."
            error.facts["problems"] = problem_facts(source, error.found, self.services.spec.codes)
        facts["error"] = error_facts(error)
        return Outcome(source, exit_code_of(error), facts, error)

    def _as_far_as_known(
        self, session: Session, source: Source, error: SobatchError, before: set[str]
    ) -> dict[str, Any]:
        """The run, if there is one and the journal can still be read: the error matters more than the report."""
        import sqlite3

        if isinstance(error, AlreadySubmitted):
            return {}
        try:
            fresh = [run.id for run in session.journal.runs() if run.id not in before]
            named = error.facts.get("run")
            run = fresh[0] if fresh else named if isinstance(named, str) else None
            return {} if run is None else self._told(session, run, source)
        except (sqlite3.Error, StorageFailed):
            return {}

    def _told(self, session: Session, run: str, source: Source) -> dict[str, Any]:
        from sobatch.work.runs import told_of

        return told_of(self.services, session.journal, run, writable(source.name))


def _plan(source: Source, done: Submitted) -> dict[str, Any]:
    from sobatch.show.prose.submission import part_facts

    tally = done.tally
    return {
        "input": source.name,
        "dry_run": True,
        "orders": tally.orders,
        "lines": tally.lines,
        "rows": tally.rows,
        "set_aside": tally.orders - done.plan.orders if done.plan else 0,
        "part_count": done.plan.parts if done.plan else 0,
        "parts": [part_facts(part) for part in done.plan.first] if done.plan else [],
    }


def _interactive() -> bool:
    return sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()


def _agreed(question: str) -> bool:
    return agreed(sys.stderr, sys.stdin, question)
