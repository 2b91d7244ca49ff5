"""Problems as SARIF 2.1.0, which code scanning services read. Written as they come, in flat memory."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePath
from typing import Any, TextIO
from urllib.parse import quote

import orjson

from sobatch import __version__
from sobatch.core.check.sources import Placed, Report, writable
from sobatch.core.order.spec import Code
from sobatch.core.place.safetext import clean
from sobatch.errors import SobatchError
from sobatch.show.prose.problems import unshown

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def write_sarif(out: TextIO, problems: Iterable[Placed], reports: Sequence[Report], codes: Mapping[str, Code]) -> None:
    """One run with all problems; consumes them. The document is whole even if reading them fails."""
    driver = {"name": "sobatch", "version": __version__, "rules": [_rule(entry) for entry in codes.values()]}
    index = {code: at for at, code in enumerate(codes)}
    head = {"$schema": _SCHEMA, "version": "2.1.0"}
    out.write(f'{_json(head)[:-1]},"runs":[{{"tool":{_json({"driver": driver})},"columnKind":"unicodeCodePoints",')
    out.write('"results":[')
    written: dict[tuple[int, str], int] = {}
    failure: SobatchError | None = None
    try:
        for count, placed in enumerate(problems):
            out.write((",\n" if count else "\n") + _json(_result(placed, len(reports) - 1, index)))
            source = len(reports) - 1, placed.problem.code
            written[source] = written.get(source, 0) + 1
    except SobatchError as error:
        failure = error
    invocation = {
        "executionSuccessful": failure is None,
        "toolExecutionNotifications": [_notice("note", text) for text in unshown(reports, written)],
    }
    if failure is not None:
        invocation["toolExecutionNotifications"] = [_notice("error", failure.message)]
    artifacts = [{"location": {"uri": uri_of(report.file)}, "encoding": "UTF-8"} for report in reports]
    out.write(f'\n],"artifacts":{_json(artifacts)},"invocations":{_json([invocation])}}}]}}\n')
    if failure is not None:
        raise failure


def _rule(entry: Code) -> dict[str, Any]:
    example = f"\n\nExample:\n{entry.example}" if entry.example else ""
    return {
        "id": entry.code,
        # Shown as they stand: only the message of a result has placeholders to fill.
        "shortDescription": {"text": writable(entry.title)},
        "fullDescription": {"text": writable(entry.meaning)},
        "help": {"text": writable(f"Rule: {entry.rule}{example}\n\nInstead:\n{entry.fix}")},
        "defaultConfiguration": {"level": entry.severity.value},
    }


def _result(placed: Placed, artifact: int, rules: Mapping[str, int]) -> dict[str, Any]:
    problem = placed.problem
    place: dict[str, Any] = {"artifactLocation": {"uri": uri_of(placed.file), "index": artifact}}
    if placed.line is not None and placed.column is not None:
        place["region"] = {"startLine": placed.line, "startColumn": placed.column, "byteOffset": problem.offset}
    location: dict[str, Any] = {"physicalLocation": place}
    if problem.pointer:
        location["logicalLocations"] = [{"fullyQualifiedName": writable(problem.pointer)}]
    hint = f" {clean(problem.hint, 2000)}" if problem.hint else ""
    result: dict[str, Any] = {
        "ruleId": problem.code,
        "level": problem.severity.value,
        "message": _message(clean(problem.message, 2000) + hint),
        "locations": [location],
    }
    if problem.code in rules:
        result["ruleIndex"] = rules[problem.code]
    return result


def _notice(level: str, text: str) -> dict[str, Any]:
    return {"level": level, "message": _message(clean(text, 2000))}


def _message(text: str) -> dict[str, str]:
    """The format has placeholders such as {0}, so a brace that is meant is written twice."""
    return {"text": writable(text).replace("{", "{{").replace("}", "}}")}


def uri_of(name: str) -> str:
    """A file's name as a URI reference: relative as the user gave it, or with the scheme `file`."""
    path = PurePath(name)
    quoted = quote(os.fsencode(path.as_posix()))
    return f"file://{quoted if quoted.startswith('/') else '/' + quoted}" if path.is_absolute() else quoted


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()
