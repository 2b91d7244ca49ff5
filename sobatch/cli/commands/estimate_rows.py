"""`sobatch estimate-rows`: rows and parts of some files, with and without workflow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TextIO

from sobatch.cli import options
from sobatch.core.cut.estimate import Estimate, estimate
from sobatch.core.order.limits import Limits
from sobatch.show.result import Result
from sobatch.work.bench import Services
from sobatch.work.reading import max_order_of, services_of, shown_reading


def command(
    files: options.Files,
    skip_workflow: options.SkipWorkflow = None,
    headroom: options.Headroom = None,
    max_orders: options.MaxOrders = None,
    max_lines: options.MaxLines = None,
    max_rows: options.MaxRows = None,
    max_bytes: options.MaxBytes = None,
    max_order_size: options.MaxOrderSize = None,
    profile: options.ProfileName = None,
    config: options.ConfigFile = None,
    erp: options.Erp = None,
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

    Rows are 1 for every order and 3 for every line. Shown with and without workflow, since the limits differ, unless
    one of the two is asked for. Orders with problems are counted too; text that cannot be read ends it with 3.
    """
    services = services_of(locals())
    modes = (False, True) if skip_workflow is None else (skip_workflow,)
    work = _Estimation(services, {mode: services.limits_for(mode) for mode in modes})
    work.read(files, max_order_of(max_order_size))
    return Result("estimate-rows", facts=work.facts, text=work.write, exit_code=work.exit_code)


@dataclass(slots=True)
class _Estimation:
    services: Services
    limits: dict[bool, Limits]
    estimates: list[Estimate] | None = None

    def read(self, files: list[str], max_order: int) -> None:
        sources = self.services.sources(files)
        spec, limits = self.services.spec, list(self.limits.values())
        with shown_reading(self.services) as tap:
            self.estimates = [estimate(source, spec, limits, tap(source), max_order=max_order) for source in sources]

    def facts(self) -> dict[str, Any]:
        from sobatch.show.prose.estimate import estimate_facts

        return estimate_facts(self.estimates or [], list(self.limits))

    def write(self, out: TextIO) -> None:
        from sobatch.show.prose.estimate import write_estimates

        member = self.services.spec.group_member or "group"
        write_estimates(out, self.estimates or [], list(self.limits), member, self.services.out_style)

    def exit_code(self) -> int:
        return 3 if any(each.broken for each in self.estimates or ()) else 0
