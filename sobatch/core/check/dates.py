"""What is wrong with a text that should be a date, or a date with a time of day."""

from __future__ import annotations

import datetime
import re

import msgspec

from sobatch.core.order.codes import finding
from sobatch.core.order.declared import Member
from sobatch.core.order.spec import Finding, Severity

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}$")
_DAY_TIME = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|z|[+-]\d{2}:?\d{2})?$")


def a_day(value: str, member: Member, at: str) -> Finding:
    """What is wrong with a text where a date is due: its form, its day, or that it has a time of day."""
    if _DAY.match(value) or _DAY_TIME.match(value):
        try:
            datetime.datetime.fromisoformat(value.replace("z", "Z").replace("t", "T"))
        except ValueError:
            return finding("SO-108", at, f'{member.name} is "{value[:30]}", a date that does not exist.', "Correct it.")
        message = f"{member.name} is a date with a time of day; the document shows plain dates."
        return finding("SO-109", at, message, f'Write "{value[:10]}".', severity=Severity.WARNING)
    hint = "Write it as YYYY-MM-DD" + (", for example 2026-04-29." if value else ", or leave the member out.")
    shown = f'"{value[:30]}"' if value else "empty text"
    return finding("SO-109", at, f"{member.name} is {shown}, which is not a date.", hint)


def a_moment(value: str, member: Member, at: str) -> Finding:
    """What is wrong with a date and time: its form, its day, or that it has or lacks a time zone."""
    shown = f'"{value[:40]}"' if value else "empty text"
    day = _DAY.match(value) or _DAY_TIME.match(value)
    if not day:
        hint = "Write it as YYYY-MM-DDThh:mm:ss" + (", or leave the member out." if not value else ".")
        return finding("SO-109", at, f"{member.name} is {shown}, which is no date with a time of day.", hint)
    try:
        datetime.datetime.fromisoformat(re.sub(r"\.\d+", "", value).replace("z", "Z").replace("t", "T"))
    except ValueError:
        return finding("SO-108", at, f"{member.name} is {shown}, a date that does not exist.", "Correct it.")
    zoned = value[-1] in "Zz" or re.search(r"[+-]\d{2}:?\d{2}$", value[10:])
    if _DAY.match(value):
        zone = "Z" if _takes_zones(member) else ""
        return finding("SO-109", at, f"{member.name} has no time of day.", f'Write "{value}T00:00:00{zone}".')
    if zoned and _takes_zones(member):
        return finding("SO-109", at, f"{member.name} is {shown}, a time without seconds.", "Write them, too.")
    if zoned:
        message = f"{member.name} has a time zone, and the ERP takes times without one."
        return finding("SO-109", at, message, "Leave the zone away.")
    message = f"{member.name} has no time zone, and the ERP takes only times with one."
    return finding("SO-109", at, message, f'Write it with its offset, such as "{value[:19]}+01:00".')


def _takes_zones(member: Member) -> bool:
    try:
        member.decoder.decode('"2000-01-01T00:00:00Z"')
    except msgspec.ValidationError:
        return False
    return True
