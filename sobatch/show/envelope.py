"""The JSON forms of an answer: one document, or one object a line. The same envelope for success and for every failure,
so that a program need not guess."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TextIO

import orjson

from sobatch.errors import SobatchError, exit_code_of
from sobatch.show.result import Result

SCHEMA_VERSION = 1


def error_facts(error: SobatchError) -> dict[str, Any]:
    """An error as plain data."""
    return {
        "kind": error.kind,
        "code": error.code,
        "message": error.message,
        "next_step": error.next_step,
        **{key: value for key, value in error.facts.items() if key not in ("kind", "code", "message", "next_step")},
    }


def write_json(out: TextIO, result: Result) -> int:
    """One document: `{"schema_version", "command", "result": {items..., facts...}, "error", "exit_code"}`."""
    out.write(f'{{"schema_version":{SCHEMA_VERSION},"command":{_text(result.command)},"result":{{')
    error: SobatchError | None = None
    separator = ""
    if result.items_name is not None:
        out.write(f"{_text(result.items_name)}:[")
        separator = ","
        try:
            for count, item in enumerate(result.streamed()):
                out.write(("\n," if count else "\n") + _text(item))
        except SobatchError as failure:
            error = failure
        out.write("\n]")
    facts = result.facts()
    if facts:
        out.write(separator + _text(facts)[1:-1])
    code = exit_code_of(error) if error is not None else result.exit_code()
    error = error or result.error
    out.write(f'}},"error":{_text(error_facts(error) if error else None)},"exit_code":{code}}}\n')
    return code


def write_ndjson(out: TextIO, result: Result) -> int:
    """A line per item (`{"type": ...}`), then one line `{"type": "result"}` with the facts and the exit code."""
    error: SobatchError | None = None
    kind = (result.items_name or "items").removesuffix("s")
    try:
        for item in result.streamed() if result.items_name is not None else ():
            out.write(_text({"type": kind, **item}) + "\n")
    except SobatchError as failure:
        error = failure
    code = exit_code_of(error) if error is not None else result.exit_code()
    error = error or result.error
    closing = {
        "type": "result",
        "schema_version": SCHEMA_VERSION,
        "command": result.command,
        **result.facts(),
        "error": error_facts(error) if error else None,
        "exit_code": code,
    }
    out.write(_text(closing) + "\n")
    return code


def write_failure(out: TextIO, command: str, error: SobatchError, *, lines: bool) -> None:
    """The envelope of a command that failed before it had any answer."""
    envelope: dict[str, Any] = {"type": "result"} if lines else {}
    envelope.update(
        schema_version=SCHEMA_VERSION,
        command=command,
        result=None,
        error=error_facts(error),
        exit_code=exit_code_of(error),
    )
    out.write(_text(envelope) + "\n")


def write_line(out: TextIO, row: Mapping[str, Any]) -> None:
    """One object on one line."""
    out.write(_text(row) + "\n")


def _text(value: Any) -> str:
    return orjson.dumps(value, default=_plain, option=orjson.OPT_NON_STR_KEYS).decode()


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, tuple | set | frozenset):
        return list(value)
    return str(value)
