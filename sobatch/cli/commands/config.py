"""`sobatch config show`: every setting, its value, and where it came from. Secrets are shown as stars."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from sobatch.cli import options
from sobatch.show.result import Result
from sobatch.work.bench import Look, Services
from sobatch.work.given import given


class Action(StrEnum):
    """What to do with the configuration."""

    SHOW = "show"


What = Annotated[Action, typer.Argument(help="show: print the settings in force.", show_default=False, metavar="show")]
Origin = Annotated[bool, typer.Option("--origin", help="Say of each setting where it came from.")]


def command(
    action: What = Action.SHOW,
    origin: Origin = False,
    profile: options.ProfileName = None,
    config: options.ConfigFile = None,
    erp: options.Erp = None,
    set: options.Set = None,
    sandbox: options.Sandbox = False,
    output: options.Output = options.Format.TEXT,
    color: options.Color = options.Colour.AUTO,
) -> Result:
    """\b
    Show the settings in force.

    \b
    Examples:
      sobatch config show --origin
      sobatch config show --profile live --output json

    A setting comes from the first place that has it: flag, environment (SOBATCH_...), project file (./sobatch.toml),
    user file, default.
    """
    from sobatch.show.prose.settings import setting_facts, write_settings

    flags = given({"profile": profile, "config": config, "erp": erp, "set": set, "sandbox": sandbox})
    services = Services(flags, Look(color=color))
    settings = services.profile
    return Result(
        "config",
        facts=lambda: setting_facts(settings),
        text=lambda out: write_settings(out, settings, services.out_style, origin=origin),
    )
