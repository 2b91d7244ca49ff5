"""The same orders again: in other bytes, under another name, on purpose, beside an open run, or within another file."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from lifecycle_bench import Bench, order, prints

RAW = [
    order(number, orderLines=[{"productCode": "1000", "price": 50.0, "quantity": 1, "description": "Å\u00df"}])
    for number in range(4)
]


def written(content: str) -> str:
    """Values, each order on lines of its own."""
    return json.dumps(json.loads(content), indent=3, ensure_ascii=True)


def reordered(content: str) -> str:
    """Members in another order, at every level."""
    return json.dumps(json.loads(content), sort_keys=True)


FORMS: dict[str, Callable[[bytes], bytes]] = {
    "renamed": lambda data: data,
    "gzipped": lambda data: gzip.compress(data, mtime=0),
    "indented": lambda data: written(data.decode()).encode(),
    "keys in another order": lambda data: reordered(data.decode()).encode(),
    "escaped": lambda data: json.dumps(json.loads(data), ensure_ascii=True).encode(),
    "numbers written otherwise": lambda data: data.replace(b"50.0", b"5e1"),
    "a line per order": lambda data: b"".join(json.dumps(each).encode() + b"\n" for each in json.loads(data)),
}


def in_another_form(made: Bench, form: str) -> str:
    """The file in that form, under another name."""
    path = made.folder / "other.json"
    path.write_bytes(FORMS[form](Path(made.file(RAW)).read_bytes()))
    return str(path)


@pytest.mark.parametrize("form", FORMS)
def test_content_of_a_closed_run_is_recognised(bench: Callable[..., Bench], form: str) -> None:
    made = bench()
    first = made("submit", made.file(RAW))
    again = made("submit", in_another_form(made, form))
    assert first.code == 0
    assert again.code == (0 if form == "renamed" else 11), again.err
    if form == "renamed":
        assert again.run["submitted_before"] and again.run["run"] == first.run["run"]
    else:
        assert first.run["run"] in again.err
    assert made.posts() == 1 and made.created() == prints(RAW)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("flags", [(), ("--allow-duplicate",)])
def test_content_of_an_open_run_goes_on_with_it(bench: Callable[..., Bench], form: str, flags: tuple[str, ...]) -> None:
    made = bench(pace=0)
    first = made("submit", made.file(RAW), "--no-wait")
    made.erp.options = made.erp.options.with_values({"pace": None})
    again = made("submit", in_another_form(made, form), *flags)
    assert (first.code, again.code) == (0, 0), again.err
    assert again.run["run"] == first.run["run"]
    assert made.posts() == 1 and made.created() == prints(RAW)


def test_a_wanted_repeat_has_a_name_and_happens_once_under_it(bench: Callable[..., Bench]) -> None:
    made = bench()
    name = made.file(RAW)
    keys = [[], ["--run-key", "w47"], ["--run-key", "w48"], ["--run-key", "w47"]]
    runs = [made("submit", name, *key) for key in keys]
    assert [told.code for told in runs] == [0, 0, 0, 0]
    assert len({told.run["run"] for told in runs}) == 3 and runs[1].run["run"] == runs[3].run["run"]
    assert made.posts() == 3 and set(made.created().values()) == {3}


def test_a_duplicate_is_allowed_only_on_request(bench: Callable[..., Bench]) -> None:
    made = bench()
    name = made.file(RAW)
    codes = [made("submit", name, *flags).code for flags in ((), (), ("--allow-duplicate",), ())]
    assert codes == [0, 0, 0, 0] and made.posts() == 2


def test_another_company_is_another_submit(bench: Callable[..., Bench]) -> None:
    made = bench()
    name = made.file(RAW)
    assert [made("submit", name, "--company-id", company).code for company in ("EN", "NO")] == [0, 0]
    assert made.posts() == 2


def test_orders_created_before_are_named_and_refused(bench: Callable[..., Bench]) -> None:
    made = bench()
    old = [order(number, externalOrderId=f"X{number}") for number in range(4)]
    new = [order(number, customerId="1001", externalOrderId=f"X{number}") for number in range(2, 8)]
    first = made("submit", made.file(old))
    told = made("submit", made.file(new, "new.json"))
    assert (first.code, told.code) == (0, 11), told.err
    for index, other in ((0, 2), (1, 3)):
        assert f"Order {index} " in told.err
        assert f"by run {first.run['run']}: the same external id as its order {other}" in told.err
    assert "Order 2 " not in told.err
    assert made.posts() == 1
    assert made("submit", made.file(new, "new.json"), "--allow-duplicate").code == 0


def test_a_reference_used_before_is_counted_and_sent(bench: Callable[..., Bench]) -> None:
    made = bench()
    old = [order(number, externalOrderId=None, externalReference="campaign", customerId="1001") for number in range(1)]
    new = [order(number, externalReference="campaign") for number in range(3)]
    assert made("submit", made.file(old)).code == 0
    told = made("submit", made.file(new, "new.json"))
    assert told.code == 0 and "3 orders have the reference of orders created before" in told.err
    assert made.posts() == 2


def test_an_order_number_used_before_is_refused(bench: Callable[..., Bench]) -> None:
    made = bench()
    old = [order(number, transactionType="SM", orderNumber=100 + number, externalOrderId=None) for number in range(3)]
    new = [order(9, transactionType="SM", orderNumber=101, externalOrderId=None, customerId="1001")]
    assert made("submit", made.file(old)).code == 0
    told = made("submit", made.file(new, "new.json"))
    assert told.code == 11 and "the same order number as its order 1" in told.err
    assert made.posts() == 1


def test_orders_equal_by_content_alone_are_noted_and_sent(bench: Callable[..., Bench]) -> None:
    made = bench()
    plain = [order(0, externalOrderId=None, customerId=f"10{number:02d}") for number in range(5)]
    assert made("submit", made.file(plain[:3])).code == 0
    told = made("submit", made.file(plain[2:], "new.json"))
    assert told.code == 0
    assert "Order 0 " in told.err and "the same content as its order 2" in told.err and "Order 1 " not in told.err
    assert made.created() == prints(plain) + prints(plain[2:3])
