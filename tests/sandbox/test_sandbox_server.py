"""The server: loopback only, keep-alive, quiet, threaded, closed when told to."""

from __future__ import annotations

import gzip
import io
import json
import socket
import threading

import httpx
import pytest

from sobatch.sandbox import Sandbox, serve


def conversation(visitor, text):
    """Say something on a fresh connection and hear it out."""
    with socket.create_connection(("127.0.0.1", visitor.server.port), timeout=5) as connection:
        connection.sendall(text)
        heard = b""
        while block := connection.recv(1 << 20):
            heard += block
        return heard


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.com", ""])
def test_only_this_machine_is_served(tmp_path, host):
    with Sandbox(tmp_path / "erp.db") as sandbox, pytest.raises(ValueError, match="this machine only"):
        serve(sandbox, host)


def test_a_connection_is_kept_and_used_again(wired, order):
    visitor = wired()
    ports = set()
    for _ in range(3):
        with visitor.http.stream("GET", "/v1/batch-operations", headers=visitor.headers) as response:
            response.read()
            ports.add(response.extensions["network_stream"].get_extra_info("client_addr"))
    visitor.submit([order()])
    assert len(ports) == 1


def test_an_answer_that_left_the_body_unread_does_not_spoil_the_next(wired, order):
    visitor = wired()
    body = [order()] * 500
    for _ in range(2):
        visitor.headers, kept = {}, visitor.headers
        assert visitor.post(body).status_code == 401
        visitor.headers = kept
        assert visitor.post(body).status_code == 201


def test_large_refused_uploads_still_hear_the_answer(wired):
    visitor = wired(upload_cap=1000)
    response = visitor.post(b"x" * (8 << 20))
    assert (response.status_code, response.headers["Connection"]) == (413, "close")
    assert visitor.sandbox.requests()[-1].body_bytes == 0


def test_close_ends_open_connections_and_frees_the_port(wired):
    visitor = wired()
    visitor.get("/v1/batch-operations")
    visitor.server.close()
    with pytest.raises(httpx.TransportError):
        visitor.get("/v1/batch-operations")
    assert visitor.server.wait(0)
    with serve(visitor.sandbox, port=visitor.server.port) as again:
        assert httpx.get(f"{again.url}/v1/batch-operations").status_code == 401


def test_ready_hears_the_port_and_log_the_requests(tmp_path, capfd):
    ports, lines = [], []
    with Sandbox(tmp_path / "erp.db") as sandbox:
        with serve(sandbox, "localhost", ready=ports.append, log=lines.append) as server:
            assert ports == [server.port] and server.port > 0
            httpx.get(f"{server.url}/v1/batch-operations?client_secret=x")
        with serve(sandbox) as quiet:
            httpx.get(f"{quiet.url}/v1/batch-operations")
    assert lines == ["GET /v1/batch-operations 401 Unauthorized"]
    assert capfd.readouterr() == ("", "")


def test_ip_version_6_is_loopback_too(tmp_path):
    with Sandbox(tmp_path / "erp.db") as sandbox:
        try:
            server = serve(sandbox, "::1")
        except OSError:
            pytest.skip("this machine has no IPv6")
        with server:
            assert httpx.get(f"{server.url}/v1/batch-operations").status_code == 401


def test_a_chunked_upload_is_taken(wired, order):
    visitor = wired()
    head, tail = b'--x\r\nContent-Disposition: form-data; name=""; filename="a.json"\r\n\r\n', b"\r\n--x--\r\n"
    body = iter([head, json.dumps([order()]).encode(), tail])
    headers = visitor.headers | {"Content-Type": "multipart/form-data; boundary=x"}
    response = visitor.http.post("/v1/batch/sales-orders", headers=headers, content=body)
    assert response.status_code == 201
    assert visitor.get(response.headers["Location"]).json()["processedItems"] == 1


def test_a_client_that_dies_within_its_upload_has_submitted_nothing(wired):
    visitor = wired()
    head = (
        f"POST /v1/batch/sales-orders HTTP/1.1\r\nHost: x\r\nAuthorization: {visitor.headers['Authorization']}\r\n"
        "Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 100000\r\n\r\n"
        '--x\r\nContent-Disposition: form-data; name=""; filename="a.json"\r\n\r\n[{}'
    ).encode()
    with socket.create_connection(("127.0.0.1", visitor.server.port), timeout=5) as connection:
        connection.sendall(head)
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(100) == b""
    assert visitor.sandbox.batches() == []
    assert visitor.sandbox.requests()[-1].status is None
    assert list(visitor.sandbox.store.uploads.iterdir()) == []


def test_an_old_client_gets_a_plain_answer_and_a_close(wired, order):
    visitor = wired()
    batch = visitor.submit([order(customerId="9999")])
    visitor.status(batch)
    credential = f"Authorization: {visitor.headers['Authorization']}"
    heard = conversation(visitor, f"GET /v1/batch-operations/{batch}/results HTTP/1.0\r\n{credential}\r\n\r\n".encode())
    head, _, body = heard.partition(b"\r\n\r\n")
    assert b"chunked" not in head
    assert json.loads(body)[0]["customerId"] == "9999"


def test_many_clients_at_once_get_numbers_of_their_own(wired, order):
    visitor = wired()
    batches = []

    def send():
        with httpx.Client(base_url=visitor.server.url) as http:
            body = json.dumps([order()] * 50).encode()
            answer = http.post("/v1/batch/sales-orders", headers=visitor.headers, files={"": ("a.json", body)})
            batches.append(http.get(answer.headers["Location"], headers=visitor.headers).json())

    threads = [threading.Thread(target=send) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert [each["status"] for each in batches] == ["T"] * 8
    created = visitor.sandbox.created()
    assert len(created) == len({each.order_number for each in created}) == 400


def test_a_large_gzip_upload_comes_back_whole(wired, order):
    visitor = wired()
    orders = [order(customerId="9999", externalOrderId=str(number), notes="n" * 500) for number in range(3000)]
    batch = visitor.submit(gzip.compress(json.dumps(orders).encode(), 1))
    assert visitor.status(batch)["validationErrorCount"] == 3000
    with visitor.http.stream("GET", f"/v1/batch-operations/{batch}/results", headers=visitor.headers) as response:
        assert response.headers["Transfer-Encoding"] == "chunked"
        found = json.load(io.BytesIO(response.read()))
    assert [each["externalOrderId"] for each in found] == [str(number) for number in range(3000)]
