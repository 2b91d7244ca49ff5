"""What the ERPs declare, as the README's tables have it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sobatch.core.order.setting import Setting
from sobatch.core.order.spec import Spec


def erps_markdown(specs: Iterable[Spec]) -> str:
    """One row for each ERP: its name on the command line, its settings and codes."""
    rows = []
    for spec in specs:
        own = ", ".join(f"`{row.name}`" for row in spec.settings)
        modes = ", ".join(mode.title for mode in spec.modes) or "one"
        codes = f"{spec.codes[0].code} to {spec.codes[-1].code}" if spec.codes else "none"
        rows.append([f"`{spec.name}`", spec.title, spec.measures.name, modes, codes, own])
    return _table(["`--erp`", "ERP", "measured in", "modes", "codes", "settings of its own"], rows)


def environment_markdown(settings: Mapping[str, Sequence[Setting]]) -> str:
    """One row for each variable of the environment and what it means; `settings` are all of each ERP, by its name."""
    found: dict[str, dict[str, list[str]]] = {}
    for erp, rows in settings.items():
        for row in rows:
            if row.environment is not None:
                found.setdefault(row.environment, {}).setdefault(row.help, []).append(erp)
    table = [
        [f"`{variable}`", "all" if len(erps) == len(settings) else ", ".join(erps), words]
        for variable, meanings in found.items()
        for words, erps in meanings.items()
    ]
    return _table(["variable", "ERPs", "what"], table)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in lines)
