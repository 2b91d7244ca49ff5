"""What may stand before, after and between elements; and how a fault is looked at."""

from __future__ import annotations

import orjson

from sobatch.core.syntax.strict import Fault

OPENINGS: list[tuple[bytes, str | None, int]] = [
    (b"", "SO-010", 0),
    (b" \r\n\t ", "SO-010", 0),
    (b"[", None, 0),
    (b" \n{", None, 0),
    (b"\xff\xfe[\0", "SO-013", 0),
    (b"\xfe\xff\0[", "SO-013", 0),
    (b"\xff\xfe\0\0[\0\0\0", "SO-013", 0),
    (b"\0\0\xfe\xff\0\0\0[", "SO-013", 0),
    ('[{"a":1}]'.encode("utf-16-le"), "SO-013", 0),
    ('[{"a":1}]'.encode("utf-16-be"), "SO-013", 0),
    ('[{"a":1}]'.encode("utf-32-le"), "SO-013", 0),
    ('[{"a":1}]'.encode("utf-32-be"), "SO-013", 0),
    ("[å]".encode("utf-16-le"), "SO-013", 0),
    (b"\xef\xbb\xbf[1]", "SO-014", 0),
    (b"\0\0\0\0\0\0", "SO-016", 0),
    (b"[\0\0[", "SO-016", 1),
    (b"customerId;price\n1000;1\n", "SO-050", 0),
    (b"customerId,price,quantity\r\n1000,1,2", "SO-050", 0),
    (b'"customerId","price"\n"1000","1"\n', "SO-050", 0),
    (b"customerId\tprice\n", "SO-050", 0),
    (b"1000;SO;17\n", "SO-050", 0),
    (b"<?xml version='1.0'?><orders/>", "SO-050", 0),
    (b"<orders><order/></orders>", "SO-050", 0),
    (b"<!DOCTYPE html><html>", "SO-050", 0),
    (b"  <html lang=en>", "SO-050", 2),
    (b"---\n- customerId: 1000\n", "SO-050", 0),
    (b"- customerId: 1000\n", "SO-050", 0),
    (b"orders:\n  - customerId: 1000\n", "SO-050", 0),
    (b"PK\x03\x04\x14", "SO-050", 0),
    (b"%PDF-1.7", "SO-050", 0),
    (b"\x1f\x8b\x08", "SO-050", 0),
    (b"var orders = [", "SO-050", 0),
    (b"orders = [{", "SO-050", 0),
    (b"callback([{", "SO-050", 0),
    (b"hello", "SO-050", 0),
    (b"@@@", "SO-050", 0),
    (b"12", "SO-011", 0),
    (b'"orders"', "SO-011", 0),
    (b" true", "SO-011", 1),
    (b"]", "SO-046", 0),
    (b", {}]", "SO-030", 0),
    (b"// orders\n[", "SO-034", 0),
    (b"'[]'", "SO-033", 0),
    (b"\xe9t\xe9", "SO-015", 0),
    (b"_ caf\xe9", "SO-050", 0),
    ("“[]”".encode(), "SO-049", 0),
]

TRAILINGS: list[tuple[bytes, str | None, int]] = [
    (b"", None, 0),
    (b" \r\n\t\n", None, 0),
    (b"[1]", "SO-036", 0),
    (b"\n\n[", "SO-036", 2),
    (b'{"a":1}', "SO-036", 0),
    (b" null", "SO-036", 1),
    (b",", "SO-036", 0),
    (b",\n{}]", "SO-036", 0),
    (b"]", "SO-046", 0),
    (b"}", "SO-046", 0),
    (b"\0\0\0", "SO-016", 0),
    (b"\x1a", "SO-036", 0),
    (b"\xef\xbb\xbf[]", "SO-014", 0),
    (b" # end", "SO-034", 1),
    (b"end", "SO-036", 0),
    (b";", "SO-036", 0),
    (b"\xe9", "SO-015", 0),
    ("é".encode(), "SO-036", 0),
]

# (window, where an element is due, first, what the spans hold, closed, code, offset), always with nothing to follow.
ARRAYS: list[tuple[bytes, int, bool, list[bytes], int | None, str | None, int]] = [
    (b"[]", 1, True, [], 2, None, 0),
    (b"[ \n]", 1, True, [], 4, None, 0),
    (b"[1, {} ]", 1, True, [b"1", b"{}"], 8, None, 0),
    (b'[{"a":[1,{}]},"x",null]tail', 1, True, [b'{"a":[1,{}]}', b'"x"', b"null"], 23, None, 0),
    (b" 2]", 0, False, [b"2"], 3, None, 0),
    (b"]", 0, False, [], None, "SO-031", 0),
    (b"{},]", 3, False, [], None, "SO-031", 2),
    (b"[{},]", 1, True, [b"{}"], None, "SO-031", 3),
    (b"[{} {}]", 1, True, [b"{}"], None, "SO-032", 3),
    (b"[{}\n{}]", 1, True, [b"{}"], None, "SO-032", 3),
    (b"[{};{}]", 1, True, [b"{}"], None, "SO-032", 3),
    (b"[{},,{}]", 1, True, [b"{}"], None, "SO-047", 4),
    (b"[,{}]", 1, True, [], None, "SO-047", 1),
    (b"[{}}]", 1, True, [b"{}"], None, "SO-046", 3),
    (b"[{}", 1, True, [], None, "SO-038", 3),
    (b"[{},", 1, True, [b"{}"], None, "SO-038", 4),
    (b"[", 1, True, [], None, "SO-038", 1),
    (b'[{"a', 1, True, [], None, "SO-038", 2),
    (b"[12", 1, True, [], None, "SO-038", 3),
    (b"[12.]", 1, True, [], None, "SO-040", 1),
    (b"[{}x]", 1, True, [b"{}"], None, "SO-030", 3),
    (b"[{} // no\n]", 1, True, [b"{}"], None, "SO-034", 4),
    (b'[{}, "\xe9", {}]', 1, True, [b"{}"], None, "SO-015", 6),
    (b'[{}, {}, "\xe9" x]', 1, True, [b"{}", b"{}"], None, "SO-015", 10),
    (b"[{}, \xe9]", 1, True, [b"{}"], None, "SO-015", 5),
    (b"[{}] \xe9", 1, True, [b"{}"], 4, None, 0),
    (b'[{"a":1},{"a":1,}]', 1, True, [b'{"a":1}'], None, "SO-031", 15),
    (b"[[[[]]]]", 1, True, [b"[[[]]]"], 8, None, 0),
]


def orjson_stop(data: bytes) -> int | None:
    """Where orjson stops reading, or None if it accepts; numbers beyond a double are not its fault to find here."""
    try:
        orjson.loads(data)
    except orjson.JSONDecodeError as error:
        return error.pos
    return None


def check_shape(fault: Fault, data: bytes) -> None:
    assert 0 <= fault.offset <= len(data)
    assert fault.length >= 1
    assert fault.offset + fault.length <= len(data) + 1
    assert fault.message.endswith(".")
    assert fault.message.isprintable()
    assert fault.hint is None or fault.hint.isprintable()
