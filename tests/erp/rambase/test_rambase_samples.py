"""Every RamBase sample is wrong in the way of its name, and in no other."""

from __future__ import annotations

import pytest
from checked_samples import SAMPLES, told

from sobatch.erp.rambase.codes import CODES
from sobatch.erp.rambase.order import SPEC

FAULTY = {
    "quantity-missing": ("SO-102", "error", "/0/items/0/quantity"),
    "product-id-too-small": ("SO-501", "error", "/0/items/0/product/productId"),
    "no-customer": ("SO-502", "error", "/0/customer"),
    "currency": ("SO-503", "error", "/0/currency"),
    "exchange-rate-agreement": ("SO-504", "error", "/0/exchangeRateFluctuationAgreement"),
    "ends-before-it-begins": ("SO-505", "error", "/0/items/0/recurringInvoicing/estimatedEndDate"),
    "quote-item-without-quote": ("SO-506", "error", "/0/items/0/derivedFrom/purchaseQuoteItemId"),
    "header-beside-order": ("SO-507", "error", "/0/currency"),
    "nothing-to-add": ("SO-508", "error", "/0/items"),
    "no-items": ("SO-510", "warning", "/0/items"),
    "ignored-discount": ("SO-511", "warning", "/0/items/0/price/discount"),
    "quantity-zero": ("SO-512", "warning", "/0/items/0/quantity"),
    "item-reference-twice": ("SO-513", "warning", "/0/items/1/customersReferenceNumber"),
    "subscription-without-price": ("SO-514", "warning", "/0/items/0/recurringInvoicing"),
    "reference-twice": ("SO-520", "warning", "/1/customersReferenceNumber"),
    "reference-shared": ("SO-521", "note", ""),
    "no-reference": ("SO-522", "note", ""),
}
FOLDER = SAMPLES / "rambase"


def test_every_sample_is_in_the_table_and_every_code_has_one():
    assert {path.stem for path in (FOLDER / "faulty").iterdir()} == set(FAULTY)
    assert {code.code for code in CODES} <= {code for code, *_ in FAULTY.values()}


def test_the_good_one_is_good():
    assert [each for each in told(SPEC, FOLDER / "orders.json") if each[1] == "error"] == []


@pytest.mark.parametrize("name", FAULTY)
def test_a_faulty_one_is_faulty_in_its_own_way(name):
    found = told(SPEC, FOLDER / "faulty" / f"{name}.json")
    assert [each for each in found if each[0] != "SO-522" or name == "no-reference"] == [FAULTY[name]]
