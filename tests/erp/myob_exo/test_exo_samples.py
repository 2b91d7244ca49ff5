"""Every MYOB EXO sample is wrong in the way of its name, and in no other."""

from __future__ import annotations

import pytest
from checked_samples import SAMPLES, told

from sobatch.erp.myob_exo.codes import CODES
from sobatch.erp.myob_exo.order import SPEC

FAULTY = {
    "debtor-missing": ("SO-102", "error", "/0/debtorid"),
    "text-too-long": ("SO-700", "error", "/0/reference"),
    "status-set-by-processing": ("SO-701", "error", "/0/status"),
    "line-without-stockcode": ("SO-702", "error", "/0/lines/0/stockcode"),
    "tax-without-value": ("SO-703", "error", "/0/lines/0/taxoverridevalue"),
    "exchange-rate": ("SO-704", "error", "/0/exchangerate"),
    "address-form": ("SO-705", "error", "/0/deliveryaddress/street"),
    "id-given": ("SO-706", "error", "/0/id"),
    "extra-field-without-key": ("SO-707", "error", "/0/extrafields/0/key"),
    "layby": ("SO-710", "warning", "/0/status"),
    "finalised": ("SO-711", "warning", "/0/finalised"),
    "calculated-member": ("SO-712", "warning", "/0/ordertotal"),
    "account-name": ("SO-713", "warning", "/0/accountname"),
    "no-lines": ("SO-714", "warning", "/0/lines"),
    "long-description": ("SO-715", "warning", "/0/lines/0/description"),
    "tax-rate-value": ("SO-716", "warning", "/0/lines/0/taxratevalue"),
    "price-not-overridden": ("SO-717", "warning", "/0/lines/0/unitprice"),
    "reference-twice": ("SO-720", "warning", "/1/reference"),
    "order-number-shared": ("SO-721", "note", ""),
    "no-reference": ("SO-722", "note", ""),
}
ONLINE = {"SO-730", "SO-731"}  # what only the ERP itself can say
FOLDER = SAMPLES / "myob-exo"


def test_every_sample_is_in_the_table_and_every_code_has_one():
    assert {path.stem for path in (FOLDER / "faulty").iterdir()} == set(FAULTY)
    assert {code.code for code in CODES} - ONLINE <= {code for code, *_ in FAULTY.values()}


def test_the_good_one_is_good():
    assert [each for each in told(SPEC, FOLDER / "orders.json") if each[1] == "error"] == []


@pytest.mark.parametrize("name", FAULTY)
def test_a_faulty_one_is_faulty_in_its_own_way(name):
    assert told(SPEC, FOLDER / "faulty" / f"{name}.json") == [FAULTY[name]]
