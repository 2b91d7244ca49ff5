"""The table of ERPs: name to spec, and how to load the part that talks. One line per ERP.

An ERP's folder has `settings` (asked by every command), `order` and `api`, each loaded on demand.

An ERP's own problem codes have a hundred of their own: unit4 SO-2xx, jtl SO-4xx, rambase SO-5xx, order-time SO-6xx,
myob-exo SO-7xx; the next one takes SO-8xx.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, cast

from sobatch.errors import UsageError

if TYPE_CHECKING:
    from sobatch.core.order.setting import Setting
    from sobatch.core.order.spec import Code, Spec
    from sobatch.erp.online import OnlineCheck
    from sobatch.erp.ports import Clock, Connection

_FOLDERS = {
    "unit4": "sobatch.erp.unit4",
    "jtl": "sobatch.erp.jtl",
    "order-time": "sobatch.erp.order_time",
    "rambase": "sobatch.erp.rambase",
    "myob-exo": "sobatch.erp.myob_exo",
}


def names() -> list[str]:
    """The ERPs sobatch can load orders into."""
    return list(_FOLDERS)


def spec_of(name: str) -> Spec:
    """The offline declaration of an ERP's orders. Raises `UsageError` for an unknown name."""
    return cast("Spec", import_module(f"{_folder(name)}.order").SPEC)


def settings_of(name: str) -> Sequence[Setting]:
    """The settings alone, which every command asks every ERP for: what an order is costs much more to import."""
    return cast("Sequence[Setting]", import_module(f"{_folder(name)}.settings").SETTINGS)


@cache
def codes() -> Mapping[str, Code]:
    """Every problem code that there is, ascending: of the text, of any order, of each ERP."""
    from sobatch.core.order.codes import CODES

    own = {entry.code: entry for name in _FOLDERS for entry in spec_of(name).codes}
    return {**CODES, **dict(sorted(own.items()))}


def api_of(name: str) -> object:
    """The module that talks to an ERP (it imports httpx), with a function `build(settings, http)`."""
    return import_module(f"{_folder(name)}.api")


def check_of(name: str) -> Callable[[Connection, Clock], OnlineCheck]:
    """What makes an ERP's own validation. Raises `UsageError`, which names those that have one, where it has none."""
    made: Callable[[Connection, Clock], OnlineCheck] | None = getattr(api_of(name), "check", None)
    if made is not None:
        return made
    having = ", ".join(each for each in names() if hasattr(api_of(each), "check"))
    raise UsageError(
        f"{spec_of(name).title} has no validation of its own that could be asked",
        next_step=f"Leave out --online. It is for: {having}.",
    )


def _folder(name: str) -> str:
    try:
        return _FOLDERS[name]
    except KeyError:
        known = ", ".join(_FOLDERS)
        raise UsageError(f"there is no ERP named {name!r}", next_step=f"Use one of: {known}.") from None
