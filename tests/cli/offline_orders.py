"""Orders without fault, a sample with known faults, a signal: what the tests of the offline commands share."""

from __future__ import annotations

import array
import fcntl
import os
import termios
import time
from typing import Any


def good(lines: int = 1, **members: Any) -> dict[str, Any]:
    """An order that draws no remark at all; more members by name, None takes one out."""
    line = {"productCode": "1000", "price": 50.0, "quantity": 1, "glAnalysis": [{"account": "3000"}]}
    whole = {
        "customerId": "1000",
        "transactionType": "SO",
        "responsible": "FRED",
        "salesPerson": "SYSEN",
        "externalOrderId": "WEB-1",
        "orderLines": [line] * lines,
    }
    return {name: value for name, value in (whole | members).items() if value is not None}


def many(count: int, lines: int = 1, **members: Any) -> list[dict[str, Any]]:
    """Faultless orders, each with a key of its own."""
    return [good(lines, **({"externalOrderId": f"WEB-{number}"} | members)) for number in range(1, count + 1)]


def of_lines(*counts: int) -> bytes:
    """An array of tiny orders with so many lines each: enough for counting, however many there are."""
    orders = (b'{"transactionType":"SO","orderLines":[%b]}' % b",".join([b"{}"] * lines) for lines in counts)
    return b"[" + b",\n".join(orders) + b"]"


def signalled(door: Any, number: int, *arguments: str) -> tuple[int, bytes]:
    """Run a command on a pipe that never ends, and signal it once it has read all there is: its code and its words."""
    read, write = os.pipe()
    with door.start(*arguments, stdin=read) as child:
        os.write(write, b"[" + b" " * 60_000)
        while _unread(read) and child.poll() is None:
            time.sleep(0.01)
        child.send_signal(number)
        error = child.stderr.read()
        os.close(write)
        os.close(read)
    return child.returncode, error


def _unread(descriptor: int) -> int:
    waiting = array.array("i", [0])
    fcntl.ioctl(descriptor, termios.FIONREAD, waiting)
    return waiting[0]


FAULTY = b"""[
  {"customerId": 1000, "transactionType": "SO", "responsible": "FRED", "salesPerson": "SYSEN",
   "externalOrderId": "WEB-1", "orderLines": [
     {"productCode": "1000", "price": 50.0, "quantity": "two", "glAnalysis": [{"account": "3000"}]}]},
  {"customerId": "M\xc3\xbcller \xe5\x8c\x97\xe4\xba\xac", "transactionType": "SO", "responsible": "FRED", \
"salesPerson": "SYSEN",
   "externalOrderId": "WEB-2", "orderDate": "2026-02-30", "orderLines": [
     {"productCode": "1000", "price": 50.0, "quantity": 1, "glAnalysis": [{"account": "3000"}]}]},
  {"customerId": "1000", "transactionType": "SR", "responsible": "FRED", "salesPerson": "SYSEN",
   "externalOrderId": "WEB-2", "custmerId": "1000", "orderLines": [
     {"productCode": "1000", "price": 50.0, "quantity": 1, "glAnalysis": [{"account": "3000"}]}]},
  {"customerId": "1000", "transactionType": "SO", "responsible": "FRED", "salesPerson": "SYSEN",
   "externalOrderId": "WEB-4", "orderLines": [
     {"productCode": "1000", "price": 50.0, "quantity": 1, "glAnalysis": [{"account": "3000"}]}]}
]
"""
"""Two types wrong, a date that does not exist, a misspelt member, a key used twice, two transaction types."""
