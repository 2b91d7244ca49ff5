"""`sobatch estimate-rows`: rows and parts of some files, in every mode that the ERP has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TextIO

from sobatch.cli import options
from sobatch.core.cut.estimate import Estimate, estimate
from sobatch.core.order.setting import Mode
from sobatch.show.result import Result
from sobatch.work.bench import Services
from sobatch.work.reading import max_order_of, services_of, shown_reading

if TYPE_CHECKING:
    from sobatch.show.prose.estimate import Measured


def command(
    files: options.Files,
    declared: options.OwnFlags = None,
    headroom: options.Headroom = None,
    max_orders: options.MaxOrders = None,
    max_lines: options.MaxLines = None,
    max_rows: options.MaxRows = None,
    max_bytes: options.MaxBytes = None,
    max_order_size: options.MaxOrderSize = None,
    profile: options.ProfileName = None,
    config: options.ConfigFile = None,
    erp: options.Erp = None,
    set: options.Set = None,
    output: options.Output = options.Format.TEXT,
    progress: options.Progress = options.ProgressMode.AUTO,
    color: options.Color = options.Colour.AUTO,
    quiet: options.Quiet = False,
) -> Result:
    """\b
    Estimate rows and parts, offline.

    \b
    Examples:
      sobatch estimate-rows orders.json
      sobatch estimate-rows orders.json --headroom 0 --output json | jq .result.total.rows
      zcat orders.json.gz | sobatch estimate-rows - --skip-workflow

    Sizes are told in the ERP's own measure: rows, or requests. Shown in every mode that the ERP has, since the limits
    differ, unless one is asked for. Orders with problems are counted too; text that cannot be read ends it with 3.
    """
    services = services_of(locals())
    work = _Estimation(services, services.modes_asked)
    work.read(files, max_order_of(max_order_size))
    return Result("estimate-rows", facts=work.facts, text=work.write, exit_code=work.exit_code)


@dataclass(slots=True)
class _Estimation:
    services: Services
    modes: Sequence[Mode]
    estimates: list[Estimate] | None = None

    def read(self, files: list[str], max_order: int) -> None:
        sources = self.services.sources(files)
        spec, limits = self.services.spec, [self.services.limits_for(mode.settings) for mode in self.modes]
        with shown_reading(self.services) as tap:
            self.estimates = [estimate(source, spec, limits, tap(source), max_order=max_order) for source in sources]

    def facts(self) -> dict[str, Any]:
        from sobatch.show.prose.estimate import estimate_facts

        return estimate_facts(self.estimates or [], self.modes, self._told())

    def write(self, out: TextIO) -> None:
        from sobatch.show.prose.estimate import write_estimates

        services = self.services
        member, flags, style = services.spec.group_member, services.erp_flags, services.out_style
        write_estimates(out, self.estimates or [], self.modes, self._told(), member, flags, style)

    def _told(self) -> Measured:
        from sobatch.show.prose.estimate import Measured

        return Measured(self.services.spec.measures.name, self.services.profile.own.get("requests_per_second") or 0.0)

    def exit_code(self) -> int:
        return 3 if any(each.broken for each in self.estimates or ()) else 0
