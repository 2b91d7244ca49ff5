"""What an ERP declares about its orders, and the values that checking returns. Holds no rule of any ERP itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

import msgspec

from sobatch.core.order.limits import Limits
from sobatch.core.order.setting import Measure, Mode, Setting

_LONGEST_GROUP = 255
MOST_GROUPS = 10_000
"""Groups whose sums are told one by one; those of all further ones are told together."""


class Severity(StrEnum):
    """How bad a problem is: an error stops a submit, a warning is suspicious, a note is only said."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"

    __hash__ = str.__hash__  # an enum's own is ten times slower, and problems are counted by severity


@dataclass(frozen=True, slots=True)
class Code:
    """One kind of problem. `rule`: the document's, the standard's, or sobatch itself. `example`: bad; `fix`: good."""

    code: str
    title: str
    severity: Severity
    meaning: str
    rule: str
    example: str
    fix: str


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong in the input, found locally.

    `index` counts orders from 0 (None: the file as a whole). `offset` is the byte offset, from 0, of the wrong value
    in the decompressed text. `pointer` is RFC 6901 from the whole array, such as `/17/orderLines/2/quantity`; one of
    more than 1,000 characters is cut and ends with `…`.
    """

    code: str
    severity: Severity
    message: str
    offset: int
    index: int | None = None
    pointer: str = ""
    hint: str | None = None
    began: int | None = None
    """Byte offset where the order began, for text that breaks inside an order."""


class OrderFacts(msgspec.Struct, frozen=True, gc=False):
    """What planning and matching need to know of one order.

    `number`, `external` and `reference` are the caller's own keys, exactly as text; empty values count as absent.
    """

    group: str
    lines: int
    rows: int
    number: str | None = None
    external: str | None = None
    reference: str | None = None


class Finding(msgspec.Struct, frozen=True, gc=False):
    """A problem before it has a place: a code, a pointer inside the order (`/orderLines/2/quantity`), and words.

    `missing` says the pointed-at member is absent: it is placed at the object that lacks it. `severity` None is that of
    the code, as the ERP declares it.
    """

    code: str
    severity: Severity | None
    message: str
    pointer: str
    hint: str | Callable[[], str] | None = None
    """A hint that takes time to find is only asked for where the problem is reported."""
    missing: bool = False


def group_name(value: str) -> str:
    """What a group is called by: its value, of a very long one the beginning and a digest."""
    if len(value) <= _LONGEST_GROUP:
        return value
    import hashlib  # takes longer than checking a small file

    return f"{value[:_LONGEST_GROUP]}…{hashlib.sha256(value.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}"


class Spec(Protocol):
    """An ERP's declaration of an order: offline, no credentials. Implemented in `erp/<name>/order.py`."""

    @property
    def name(self) -> str:
        """The ERP's name as used on the command line."""

    @property
    def title(self) -> str:
        """The ERP's name as people write it."""

    @property
    def settings(self) -> Sequence[Setting]:
        """Every setting of its own, credentials included; one that all ERPs have may be given another default."""

    @property
    def codes(self) -> Sequence[Code]:
        """Its own problem codes, ascending."""

    @property
    def modes(self) -> Sequence[Mode]:
        """The ways in which it takes orders, the usual one first; empty where there is only one."""

    @property
    def measures(self) -> Measure:
        """What `OrderFacts.rows` counts here."""

    @property
    def sandbox(self) -> str:
        """The name of its pretend ERP in `sandbox.worlds`."""

    @property
    def order_type(self) -> type[msgspec.Struct]:
        """The strict struct of a flawless order; what does not decode into it is explained member by member."""

    @property
    def group_member(self) -> str | None:
        """The member whose value must not be mixed within one part, or None."""

    @property
    def keys(self) -> Mapping[str, tuple[str, str]]:
        """The keys of `OrderFacts` (`number`, `external`, `reference`): the member each comes from, and the code of a
        value that two orders of one file share. If that code is a note, many orders may, and it is told once."""

    @property
    def overruled(self) -> Sequence[str]:
        """Members that the ERP may answer with a value of its own, whatever the order says."""

    @property
    def heavy_keys(self) -> Sequence[str]:
        """Members for which a duplicate key is an error; for all others it is a warning."""

    def limits(self, options: Mapping[str, Any]) -> Limits:
        """The limits in force for these options: every setting by its name, understood, without the secrets."""

    def facts(self, order: Any) -> OrderFacts:
        """Group, size and keys of an order: the typed struct, or the plain dict of an order with findings."""

    @property
    def suspicious(self) -> Callable[[Any, Limits], bool] | None:
        """Whether a typed order breaks any cross-field rule, in agreement with `rules`. A quick look that spares every
        good order its way through them; None where the rules themselves are quick enough."""

    def rules(self, order: dict[str, Any], limits: Limits) -> Iterator[Finding]:
        """Every cross-field finding of an order given as plain data, whatever its types."""

    def input_notes(self, groups: Sequence[str], orders: int, keyless: int) -> Iterator[tuple[str, Severity, str, str]]:
        """Remarks on the whole input: (code, severity, message, hint). `keyless` orders have no key of their own."""


@dataclass(frozen=True, slots=True)
class Policy:
    """`severities` maps a code to the severity it is to have, or to None to ignore it."""

    strict: bool = False
    severities: Mapping[str, Severity | None] = field(default_factory=dict)

    def severity(self, code: str, given: Severity) -> Severity | None:
        """The severity in force for a problem, or None when it is not to be reported."""
        chosen = self.severities.get(code, given)
        return Severity.ERROR if self.strict and chosen is Severity.WARNING else chosen
