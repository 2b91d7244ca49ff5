"""`validate --online`: EXO's own validation is asked about what is good so far, and nothing is stored."""

from __future__ import annotations

import json
import os

import pytest

from sobatch.cli.main import main
from sobatch.erp import names
from sobatch.sandbox.myob_exo.app import Options, Sandbox
from sobatch.sandbox.pretend.faults import Fault
from sobatch.sandbox.worlds import World
from sobatch.work.signals import RealClock

FORMATS = ("text", "json", "ndjson", "sarif", "github", "junit")


def order(number, **line):
    lines = [{"StockCode": "DIFF01", "orderquantity": 1, **line}]
    return {"DebtorId": 2, "status": 0, "Reference": f"W{number}", "Lines": lines}


GOOD, KIT = order(1), {**order(2), "Lines": [{"bomcode": "DEMOKIT", "orderquantity": 1}]}
REFUSED, LONG = order(3, StockCode="NO-SUCH-STOCK"), {**order(4), "Reference": "W" * 21}
FILE = [GOOD, KIT, LONG, REFUSED]


@pytest.fixture
def desk(tmp_path, capsys, monkeypatch):
    for name in [name for name in os.environ if name.startswith(("SOBATCH_", "XDG_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("SOBATCH_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(RealClock, "sleep", lambda *_: None)
    faults, plain = [], World.open

    def opened(self, database, values):
        world = plain(self, database, {**values, "rate_limit": 0})
        world.set_faults(faults)
        return world

    monkeypatch.setattr(World, "open", opened)

    def validate(orders, *more, faulty=(), erp="myob-exo", output="json"):
        faults[:] = faulty
        (tmp_path / "orders.json").write_text(json.dumps(orders, indent=1))
        capsys.readouterr()
        access = ("--sandbox",) if "--nowhere" not in more else ()
        more = [each for each in more if each != "--nowhere"]
        words = ["validate", "orders.json", "--online", "--erp", erp, *access, "--output", output, *more]
        code = main([*words, "--set", "requests_per_second=0"] if erp == "myob-exo" else words)
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        return code, said.out, said.err

    validate.folder = tmp_path
    return validate


def asked(desk):
    with Sandbox(desk.folder / "state" / "sandbox" / "myob-exo.sqlite", Options()) as world:
        assert world.made() == []
        return [(each["method"], each["path"]) for each in world.requests()]


def test_what_it_says_comes_home_at_its_place_and_nothing_is_stored(desk):
    code, out, err = desk(FILE)
    problems = {each["code"]: each for each in json.loads(out)["result"]["problems"]}
    assert code == 3 and set(problems) == {"SO-700", "SO-730", "SO-731"}
    refused, text = problems["SO-730"], (desk.folder / "orders.json").read_bytes()
    assert (refused["pointer"], refused["index"], refused["severity"]) == ("/3/lines/0/stockcode", 3, "error")
    assert "NO-SUCH-STOCK was not found" in refused["message"]
    assert text[refused["offset"] :].startswith(b'"NO-SUCH-STOCK"')
    assert text.splitlines()[refused["line"] - 1].endswith(b'"NO-SUCH-STOCK",')
    assert (problems["SO-731"]["index"], problems["SO-731"]["severity"]) == (1, "note")
    assert "2 lines added" in problems["SO-731"]["message"]
    assert asked(desk) == [("POST", "/salesorder/validate")] * 3  # the over-long one stays at home
    assert "sent to MYOB EXO" in err and "nothing is stored" in err


@pytest.mark.parametrize("output", FORMATS)
def test_every_format_and_exit_code_is_that_of_local_problems(desk, output):
    told = '"ruleId":"SO-730"' if output == "sarif" else "SO-730"  # its table of rules names all
    code, out, _ = desk([GOOD, REFUSED], output=output)
    assert code == 3 and told in out
    code, out, _ = desk([GOOD, KIT], output=output)
    assert code == 0 and told not in out


def test_what_is_refused_is_set_apart_and_may_be_ignored(desk):
    code, _, _ = desk(FILE, "--write-valid", "good.json", "--write-invalid", "bad.json")
    assert code == 3
    assert json.loads((desk.folder / "good.json").read_text()) == [GOOD, KIT]
    assert json.loads((desk.folder / "bad.json").read_text()) == [LONG, REFUSED]
    assert desk([REFUSED], "--ignore", "SO-730")[0] == 0


@pytest.mark.parametrize(
    ("faults", "code", "requests"),
    [
        ([Fault("validate", "status", status=500, times=1)], 0, 3),
        ([Fault("validate", "status", status=500, times=2)], 3, 3),
        ([Fault("validate", "status", status=500, times=None)], 7, None),
        ([Fault("validate", "status", status=503, times=2)], 0, 4),
        ([Fault("validate", "status", status=503, times=None)], 7, 5),
        ([Fault("validate", "status", status=401, times=1)], 6, 1),
        ([Fault("validate", "status", status=404, times=1)], 5, 1),
    ],
)
def test_a_server_that_fails_is_no_fault_of_the_orders(desk, faults, code, requests):
    orders = [GOOD, order(5)] if requests else [GOOD, order(5), order(6)]
    assert desk(orders, faulty=faults)[0] == code
    if requests:
        assert len(asked(desk)) == requests


@pytest.mark.parametrize("erp", [name for name in names() if name != "myob-exo"])
def test_an_erp_without_one_is_told_which_has_one(desk, erp):
    code, out, err = desk([], erp=erp, output="text")
    assert (code, out) == (2, "") and "It is for: myob-exo." in err


def test_without_access_nothing_is_begun(desk):
    code, out, err = desk([GOOD], "--nowhere", output="text")
    assert (code, out) == (2, "") and "no ERP is configured" in err
