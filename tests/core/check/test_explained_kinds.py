"""What is said of lengths and of dates with a time of day, whatever ERP declares them."""

import datetime
from typing import Annotated

import pytest
from msgspec import UNSET, Meta, Struct, UnsetType

from sobatch.core.check.explain import explain


class Times(Struct, forbid_unknown_fields=True):
    zoned: Annotated[datetime.datetime, Meta(tz=True)] | UnsetType | None = UNSET
    local: Annotated[datetime.datetime, Meta(tz=False)] | UnsetType = UNSET
    guessed: Annotated[str, Meta(max_length=3)] | UnsetType = UNSET
    stated: Annotated[str, Meta(max_length=3, extra={"length": "SO-107"})] | UnsetType = UNSET


def found(text):
    told = []
    explain(text.encode(), Times, (), told.append)
    return [(finding.code, finding.pointer) for finding in told], " ".join(finding.message for finding in told)


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ('{"zoned": "2023-02-01T12:45:00.0000000+00:00"}', None, ""),
        ('{"zoned": "2023-02-01T12:45:00Z"}', None, ""),
        ('{"zoned": null}', None, ""),
        ('{"zoned": "2023-02-01T12:45:00"}', "SO-109", "no time zone"),
        ('{"zoned": "2023-02-30T12:45:00Z"}', "SO-108", "does not exist"),
        ('{"zoned": "2023-02-01"}', "SO-109", "no time of day"),
        ('{"zoned": "2023-02-01T12:45+00:00"}', "SO-109", "without seconds"),
        ('{"zoned": "yesterday"}', "SO-109", "no date with a time"),
        ('{"zoned": ""}', "SO-109", "empty text"),
        ('{"zoned": 17}', "SO-104", "a number"),
        ('{"local": "2023-02-01T12:45:00"}', None, ""),
        ('{"local": "2023-02-01T12:45:00+01:00"}', "SO-109", "without one"),
        ('{"local": "2023-02-01T12:45:00Z"}', "SO-109", "without one"),
        ('{"local": null}', "SO-105", "null"),
        ('{"guessed": "four"}', "SO-106", "unless it says otherwise"),
        ('{"stated": "four"}', "SO-107", "takes 3."),
    ],
)
def test_each_kind_has_its_code_and_sentence(text, code, words):
    codes, said = found(text)
    assert [each for each, _ in codes] == ([code] if code else [])
    assert words in said


class Several(Struct, forbid_unknown_fields=True):
    must: Annotated[list[Times], Meta(min_length=1)]
    may: list[Times] | UnsetType = UNSET


def test_a_list_is_told_to_be_empty_only_where_it_must_not_be():
    told = []
    explain(b'{"must": [], "may": []}', Several, (), told.append)
    assert [finding.pointer for finding in told] == ["/must"]


@pytest.mark.parametrize(("member", "written"), [("zoned", "2023-02-01T00:00:00Z"), ("local", "2023-02-01T00:00:00")])
def test_the_hint_for_a_day_alone_is_a_time_that_is_taken(member, written):
    told = []
    explain(f'{{"{member}": "2023-02-01"}}'.encode(), Times, (), told.append)
    assert written in told[0].hint
    assert found(f'{{"{member}": "{written}"}}')[0] == []
