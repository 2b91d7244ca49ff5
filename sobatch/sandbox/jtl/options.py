"""Everything about the pretend JTL that a test or an operator may adjust. What the vendor leaves open is an option."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..pretend.world import WorldOptions

TENANT = "5b1c0de0-0000-4000-8000-000000000001"


@dataclass(frozen=True, slots=True)
class Options(WorldOptions):
    """How this pretend JTL behaves. The defaults follow the document, or else the likeliest guess.

    `no_tenant_status`: the vendor lists both 401 and 412 for a missing tenant header. `partial_lines`: of a call whose
    lines are not all good those before the first bad one are stored. `partial_match`: a look-up finds what contains
    the text. `ignore_filter`: it finds everything. `needs_version`: without `api-version` the service takes another
    kind of order. `camel_case`: members are named as version 2 of the API names them.
    """

    clients: Mapping[str, str] = field(default_factory=lambda: {"sandbox": "sandbox"})
    api_keys: tuple[str, ...] = ("sandbox",)
    tenant: str = TENANT
    token_lifetime: float = 86_400.0  # "about 24 h"
    no_tenant_status: int = 401
    needs_version: bool = True
    licensed: bool = True
    create_status: int = 201
    unknown_customers: tuple[int, ...] = (404_404,)
    unknown_items: tuple[str, ...] = ("NO-SUCH-ITEM",)
    partial_lines: bool = False
    partial_match: bool = False
    ignore_filter: bool = False
    camel_case: bool = False
    largest_page: int = 100
