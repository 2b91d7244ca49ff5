"""Gives a command a flag for every setting that an ERP wants one for; it finds them together as `declared`."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Annotated, Any, Optional, get_type_hints

import typer

from sobatch.core.order.setting import Setting

_PLACE = "declared"


def with_own_flags(command: Callable[..., Any], flags: Sequence[Setting], panel: str) -> Callable[..., Any]:
    """The command with a parameter for each flag, where it has `declared`; a flag that it has by itself stays so."""
    signature = inspect.signature(command)
    if _PLACE not in signature.parameters:
        return command
    hints = get_type_hints(command, include_extras=True)
    added = [row for row in flags if row.name not in signature.parameters]
    kinds = {row.name: _option(row, panel) for row in added}

    @wraps(command)
    def called(**given: Any) -> Any:
        own = {row.name: given.pop(row.name) for row in added}
        return command(**given, **{_PLACE: {name: value for name, value in own.items() if value is not None}})

    parameters: list[inspect.Parameter] = []
    for name, parameter in signature.parameters.items():
        if name != _PLACE:
            parameters.append(parameter.replace(annotation=hints[name]))
            continue
        parameters += [inspect.Parameter(each, parameter.kind, default=None, annotation=kinds[each]) for each in kinds]
    vars(called)["__signature__"] = signature.replace(parameters=parameters)
    called.__annotations__ = {each.name: each.annotation for each in parameters} | {"return": hints.get("return")}
    return called


def _option(row: Setting, panel: str) -> Any:
    value: Any = Optional[bool] if row.kind == "boolean" else Optional[str]  # noqa: UP045
    return Annotated[value, typer.Option(row.flag, help=row.help, rich_help_panel=panel)]
