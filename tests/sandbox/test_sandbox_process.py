"""The sandbox as a process of its own, steered through its back door."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from sobatch.sandbox import Record

ROOT = Path(__file__).resolve().parents[2]
FORM = {"grant_type": "client_credentials", "client_id": "sandbox", "client_secret": "sandbox"}


@pytest.fixture
def process(tmp_path):
    """Start a sandbox; its client, its process, its database."""
    started = []

    def make(**options):
        database = tmp_path / "erp.db"
        command = [
            sys.executable,
            "-m",
            "sobatch.sandbox",
            "--database",
            str(database),
            "--port",
            "0",
            "--options",
            json.dumps(options),
        ]
        running = subprocess.Popen(
            command, stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONPATH": str(ROOT)}
        )
        client = httpx.Client(base_url=f"http://127.0.0.1:{int(running.stdout.readline())}", timeout=10)
        started.append((running, client))
        token = client.post("/identity/connect/token", data=FORM).json()["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        return client, running, database

    yield make
    for running, client in started:
        client.close()
        running.kill()
        running.wait()
        running.stdout.close()


def submit(client, orders):
    return client.post("/v1/batch/sales-orders", files={"": ("a.json", json.dumps(orders).encode())})


def test_faults_and_options_are_set_and_the_record_is_read_from_outside(process, order):
    client, _, database = process(pace=100, faults=[{"where": "submit", "action": "error", "saved": True}])
    assert submit(client, [order()] * 2).status_code == 500
    assert client.get("/_sandbox/faults").json()[0]["hits"] == 1
    added = client.post("/_sandbox/faults", json=[{"where": "list", "action": "throttle", "retry_after": "9"}]).json()
    assert [(each["where"], each["hits"]) for each in added] == [("list", 0)]
    assert client.get("/v1/batch-operations").headers["Retry-After"] == "9"
    client.post("/_sandbox/faults", json={"where": "list", "action": "html"})
    assert client.get("/v1/batch-operations").text.startswith("<html>")
    assert client.get("/_sandbox/created").json() == []
    assert client.post("/_sandbox/options", json={"pace": None}).status_code == 200
    assert client.post("/_sandbox/settle").json()[0]["status"] == "T"
    created = client.get("/_sandbox/created").json()
    assert len(created) == len(client.get("/_sandbox/received").json()) == 2
    assert [each["place"] for each in client.get("/_sandbox/requests").json()] == ["token", "submit", "list", "list"]
    with Record(database) as record:
        assert [each.sha256 for each in record.created()] == [each["sha256"] for each in created]
        assert record.batches()[0].id == client.get("/_sandbox/batches").json()[0]["id"]


@pytest.mark.parametrize(
    ("path", "body"),
    [("faults", [{"where": "submit", "action": "nonsense"}]), ("options", {"speed": 1}), ("options", [])],
)
def test_what_the_back_door_does_not_understand_it_refuses(process, path, body):
    client, _, _ = process()
    response = client.post(f"/_sandbox/{path}", json=body or "text")
    assert response.status_code == 400
    assert response.json()["message"]


def test_the_back_door_is_closed_to_other_machines(erp):
    visitor = erp()
    transport = httpx.WSGITransport(visitor.sandbox, remote_addr="192.0.2.7")
    with httpx.Client(transport=transport, base_url="http://erp.example") as stranger:
        assert stranger.get("/_sandbox/created").status_code == 403
    assert visitor.http.get("/_sandbox/created").json() == []
    assert visitor.http.get("/_sandbox/nothing").status_code == 404


def test_a_killed_sandbox_goes_on_from_its_database(process, order):
    client, running, database = process()
    batch = submit(client, [order()] * 150).headers["Location"]
    client.get(batch)
    running.kill()
    running.wait()
    again, _, _ = process()
    assert again.get(batch).json()["processedItems"] == 150
    submitted = submit(again, [order()])
    again.get(submitted.headers["Location"])
    with Record(database) as record:
        assert len({each.order_number for each in record.created()}) == 151


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_quietly(process, number):
    _, running, _ = process()
    running.send_signal(number)
    assert running.wait(timeout=60) == 0
    assert running.stdout.read() == ""
