"""Every JTL sample is wrong in the way of its name, and in no other."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

from sobatch.core.check.one_source import Check
from sobatch.core.order.spec import Problem, Severity
from sobatch.core.read.source import open_sources
from sobatch.erp.jtl.codes import CODES
from sobatch.erp.jtl.order import SPEC

SAMPLES = Path(__file__).resolve().parents[3] / "samples" / "jtl"
ERROR, WARNING, NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE
FAULTY: dict[str, tuple[str, Severity, str]] = {
    "order-is-a-number": ("SO-101", ERROR, "/1"),
    "customer-missing": ("SO-102", ERROR, "/1/CustomerId"),
    "customer-as-text": ("SO-104", ERROR, "/1/CustomerId"),
    "company-is-null": ("SO-105", ERROR, "/1/CompanyId"),
    "impossible-date": ("SO-108", ERROR, "/1/SalesOrderDate"),
    "date-without-offset": ("SO-109", ERROR, "/1/SalesOrderDate"),
    "unknown-member": ("SO-110", WARNING, "/1/Coment"),
    "name-used-twice": ("SO-111", WARNING, "/1/Comment"),
    "lines-used-twice": ("SO-112", ERROR, "/1/LineItems"),
    "number-used-twice": ("SO-401", ERROR, "/2/Number"),
    "beyond-32-bits": ("SO-402", ERROR, "/1/ColorcodeId"),
    "external-number-twice": ("SO-403", ERROR, "/2/ExternalNumber"),
    "quantity-negative": ("SO-404", ERROR, "/1/LineItems/0/Quantity"),
    "read-only-member": ("SO-405", WARNING, "/1/IsCancelled"),
    "shipment-address": ("SO-406", WARNING, "/1/ShipmentAddress"),
    "no-lines": ("SO-407", WARNING, "/1/LineItems"),
    "line-without-item": ("SO-408", WARNING, "/1/LineItems/0"),
    "net-and-gross-price": ("SO-409", WARNING, "/1/LineItems/0/SalesPriceGross"),
    "unusual-country": ("SO-410", WARNING, "/1/Shipmentaddress/CountryIso"),
    "unusual-currency": ("SO-411", WARNING, "/1/SalesOrderPaymentDetails/CurrencyIso"),
    "unusual-language": ("SO-412", WARNING, "/1/LanguageIso"),
    "currency-factor-zero": ("SO-413", WARNING, "/1/DepartureCountry/CurrencyFactor"),
    "delivery-before-shipping": ("SO-414", WARNING, "/1/SalesOrderShippingDetail/EstimatedDeliveryDate"),
    "line-without-quantity": ("SO-415", WARNING, "/1/LineItems/0/Quantity"),
    "no-key": ("SO-416", NOTE, ""),
    "customer-zero": ("SO-417", WARNING, "/1/CustomerId"),
    "address-without-city": ("SO-418", WARNING, "/1/Shipmentaddress/City"),
}


def problems(path: Path, **options: Any) -> list[Problem]:
    (source,) = open_sources([str(path)], io.BytesIO)
    return list(Check(SPEC, SPEC.limits(options)).problems(source))


def test_every_sample_is_in_the_table_and_every_code_has_one() -> None:
    assert {path.stem for path in (SAMPLES / "faulty").iterdir()} == set(FAULTY)
    assert {code.code for code in CODES} <= {code for code, *_ in FAULTY.values()}


def test_the_good_one_is_good() -> None:
    assert problems(SAMPLES / "orders.json") == []


@pytest.mark.parametrize("name", FAULTY)
def test_a_sample_is_wrong_in_the_way_of_its_name(name: str) -> None:
    found = [(each.code, each.severity, each.pointer) for each in problems(SAMPLES / "faulty" / f"{name}.json")]
    assert found == [FAULTY[name]]


def test_two_orders_may_have_one_number_where_jtl_renames() -> None:
    assert problems(SAMPLES / "faulty" / "number-used-twice.json", rename_existing=True) == []
